/**
 * What is judged here is judged by what it is, and not by whose class it is of: an iframe, a vm context and a test runner's DOM
 * each have an `ArrayBuffer` and an `Error` of their own, and `instanceof` knows only ours.
 */

let byteLength: ((this: unknown) => number) | undefined;

/** Whether it is an ArrayBuffer, of any realm. A shared one is not. */
export const isArrayBuffer = (value: unknown): value is ArrayBuffer => {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof ArrayBuffer) return true;
  byteLength ??= Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')?.get;
  try {
    byteLength?.call(value);
    return byteLength !== undefined;
  } catch {
    return false; // the getter takes nothing else
  }
};

/** The bytes of a binary frame as an ArrayBuffer of their own; null: it is none. A view of a part is copied. */
export const bytesOf = (value: unknown): ArrayBuffer | null => {
  if (isArrayBuffer(value)) return value;
  if (!ArrayBuffer.isView(value) || !isArrayBuffer(value.buffer)) return null;
  const { buffer, byteOffset, byteLength: length } = value;
  return length === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + length);
};

/** Whether it is an Error, of any realm. */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || /^\[object (Error|DOMException)\]$/.test(Object.prototype.toString.call(value));
