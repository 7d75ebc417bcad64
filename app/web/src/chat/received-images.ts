/** How many pictures are kept in memory; older ones are fetched over HTTP when they are shown again. */
const KEPT_IMAGES_COUNT = 40;
/** How long a bubble waits for a binary frame that was announced, before it asks over HTTP, in ms. */
const AWAIT_FRAME_MS = 3_000;

interface Awaited {
  readonly image: Promise<Blob | undefined>;
  readonly settle: (image: Blob | undefined) => void;
}

const images = new Map<string, Blob>();
const awaited = new Map<string, Awaited>();

const awaitFrame = (imageId: string): Awaited => {
  let settle: Awaited['settle'] = () => {};
  const image = new Promise<Blob | undefined>((resolve) => {
    const timer = setTimeout(() => settle(undefined), AWAIT_FRAME_MS);
    settle = (received) => {
      clearTimeout(timer);
      awaited.delete(imageId);
      resolve(received);
    };
  });
  return { image, settle };
};

/** Pictures that went over the socket, so that showing them needs no second transfer. */
export const receivedImages = {
  /** A message named this picture, and its binary frame follows. */
  expect(imageId: string): void {
    if (!images.has(imageId) && !awaited.has(imageId)) awaited.set(imageId, awaitFrame(imageId));
  },
  /** Keeps a picture under the id of the image, or under the key it was sent with. */
  put(id: string, image: Blob): void {
    images.set(id, image);
    const [oldest] = images.keys();
    if (images.size > KEPT_IMAGES_COUNT && oldest !== undefined) images.delete(oldest);
    awaited.get(id)?.settle(image);
  },
  /** The picture, once its frame is there; undefined when none is expected or none came. */
  async get(id: string): Promise<Blob | undefined> {
    return images.get(id) ?? awaited.get(id)?.image;
  },
  /** Forgets them all: the next user must not see them. */
  clear(): void {
    images.clear();
    for (const { settle } of awaited.values()) settle(undefined);
  },
};
