import { useEffect, useState } from 'react';
import { fetchImage } from '../api/redngift-api.ts';
import { receivedImages } from './received-images.ts';

/** `failed`: the picture could not be had; `url` is an object URL that lives as long as the component. */
export type ImageState = 'loading' | 'failed' | { readonly url: string };

/**
 * The picture of a message: from the binary frame where it came over this socket, else over HTTP with the token.
 *
 * @param key the key it was sent with, for the sender's own picture; null for others.
 */
export const useImage = (imageId: string, key: string | null): ImageState => {
  const [state, setState] = useState<ImageState>('loading');
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    let url: string | null = null;
    const load = async () => {
      try {
        const kept =
          (await receivedImages.get(imageId)) ?? (key === null ? undefined : await receivedImages.get(key));
        signal.throwIfAborted();
        const image = kept ?? (await fetchImage(imageId, signal));
        url = URL.createObjectURL(image);
        setState({ url });
      } catch {
        // Shown in the bubble, unless the bubble is gone.
        if (!signal.aborted) setState('failed');
      }
    };
    load();
    return () => {
      leaving.abort();
      if (url !== null) URL.revokeObjectURL(url);
      setState('loading');
    };
  }, [imageId, key]);
  return state;
};
