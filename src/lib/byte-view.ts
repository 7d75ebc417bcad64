/**
 * A view of bytes that no other thread shares, such as a `Uint8Array`. As TypeScript before 5.7 understands it, where
 * `ArrayBufferView` takes no argument yet.
 */
export type ByteView = ArrayBufferView & { readonly buffer: ArrayBuffer };
