const LOOPBACK = /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i;

/**
 * What is wrong with `ws:` on a page that came over https, or null. Some browsers throw at once, others let the socket fail.
 * Source: W3C Mixed Content.
 */
export const faultOfMixedContent = (address: string): string | null => {
  const { location } = globalThis as { readonly location?: { readonly protocol?: string } };
  if (location?.protocol !== 'https:' || !URL.canParse(address)) return null;
  const { protocol, hostname } = new URL(address);
  return protocol === 'ws:' && !LOOPBACK.test(hostname)
    ? 'this page came over https:, and a browser lets such a page open wss: only (mixed content); write wss:'
    : null;
};
