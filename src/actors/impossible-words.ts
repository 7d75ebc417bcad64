import { faultOfProtocols } from './subprotocols.ts';

const LOOPBACK = /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i;

/** What is wrong with the address of a socket that the platform would not make, or null. Quotes no part of it but a scheme. */
const faultOfAddress = (address: string): string | null => {
  const scheme = /^\s*([a-z][a-z\d+.-]*:)/i.exec(address)?.[1]?.toLowerCase();
  if (address.trim() === '') return 'the URL is empty; write one such as wss://example.org/connect/';
  if (scheme === undefined) {
    return 'the URL is relative, and this platform takes absolute ones only; write wss:// and the host before the path';
  }
  if (scheme === 'http:' || scheme === 'https:') {
    const right = scheme === 'http:' ? 'ws:' : 'wss:';
    return `the URL begins with ${scheme}, and this platform takes ws: and wss: only; write ${right}`;
  }
  if (scheme !== 'ws:' && scheme !== 'wss:') {
    return 'the URL begins with neither ws: nor wss:; write wss:// before the host';
  }
  if (address.includes('#')) {
    return 'the URL has a #, and a WebSocket takes no fragment; leave it out, or use encodeURIComponent for the value that has it';
  }
  return URL.canParse(address)
    ? null
    : 'the URL cannot be read; check its host and port, and use encodeURIComponent for each value in it';
};

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

/**
 * Why the platform would not make a socket, and what to write instead, as far as it can be told: its own error quotes the
 * URL, and with it the token.
 */
export const wordsOfImpossible = (address: string, protocols: unknown): string => {
  const fault = faultOfAddress(address) ?? faultOfProtocols(protocols) ?? faultOfMixedContent(address);
  return fault ?? 'it does not say why in words that hold no URL; try this URL in its console';
};
