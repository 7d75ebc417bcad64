/** The hexadecimal digits of a byte. */
const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/**
 * A random uuid (RFC 9562, version 4). `crypto.randomUUID` exists on secure pages only, `getRandomValues` everywhere;
 * it is looked up at each call.
 */
export const randomUuid = (): string => {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte, index) => {
    if (index === 6) return hex((byte & 0x0f) | 0x40);
    if (index === 8) return hex((byte & 0x3f) | 0x80);
    return hex(byte);
  }).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
