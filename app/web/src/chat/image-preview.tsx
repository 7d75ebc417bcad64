import { useEffect, useState } from 'react';
import { CloseIcon } from '../ui/icons.tsx';
import type { ReadyImage } from './prepare-image.ts';

/** The picture that goes with the next send. */
export function ImagePreview({ image, onRemove }: { image: ReadyImage; onRemove: () => void }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const objectUrl = URL.createObjectURL(new Blob([image.bytes], { type: image.mime }));
    setUrl(objectUrl);
    return () => URL.revokeObjectURL(objectUrl);
  }, [image]);
  return (
    <div className="preview">
      {url !== undefined && <img src={url} alt="The one you chose" />}
      <button type="button" className="preview-remove" aria-label="Remove the picture" onClick={onRemove}>
        <CloseIcon />
      </button>
    </div>
  );
}
