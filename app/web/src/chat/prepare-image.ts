import { IMAGE_TYPES, type ImageHeader, MAX_IMAGE_BYTES } from '../../../contract/image-frame.ts';

/** The longest side a photo is scaled down to, tried in turn until it fits. */
const SIDES_PX = [2_048, 1_280, 800] as const;
const JPEG_QUALITY = 0.85;

/** An image that can be sent at any later time: its file may be gone by then. */
export interface ReadyImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: ImageHeader['mime'];
}

/** Why a file cannot be sent, in words for a person. */
export interface UnfitImage {
  readonly problem: string;
}

const scaledDown = async (bitmap: ImageBitmap, sidePx: number): Promise<Blob | null> => {
  const scale = Math.min(1, sidePx / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) return null;
  // JPEG has no transparency: without this it would turn black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', JPEG_QUALITY));
};

/** A JPEG of the picture that is small enough, or null. Throws where the file is no picture or cannot be read. */
const shrink = async (file: File): Promise<Blob | null> => {
  const bitmap = await createImageBitmap(file);
  try {
    for (const sidePx of SIDES_PX) {
      const image = await scaledDown(bitmap, sidePx);
      if (image !== null && image.size <= MAX_IMAGE_BYTES) return image;
    }
    return null;
  } finally {
    bitmap.close();
  }
};

/** Makes a chosen file fit to be sent: as it is where it is small enough, else as a smaller JPEG. Does not throw. */
export const prepareImage = async (file: File): Promise<ReadyImage | UnfitImage> => {
  const mime = IMAGE_TYPES.find((type) => type === file.type);
  if (mime === undefined) return { problem: 'Please choose a PNG, JPEG, GIF or WebP picture.' };
  try {
    const image = file.size <= MAX_IMAGE_BYTES ? file : await shrink(file);
    if (image === null) return { problem: 'This picture is too large to send.' };
    return {
      bytes: new Uint8Array(await image.arrayBuffer()),
      mime: image === file ? mime : 'image/jpeg',
    };
  } catch {
    return { problem: 'This file is not a picture that can be read.' };
  }
};
