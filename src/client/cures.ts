/** What to write instead. Nobody imports this file: it is loaded when there is a mistake to cure. */
import { faultOfMixedContent } from '../actors/mixed-content.ts';
import { faultOfProtocols } from '../actors/subprotocols.ts';
import { cureOfName } from '../lib/closest-name.ts';
import type { Cure, PlainCure } from '../protocol/mistake.ts';

const CURES: { readonly [Name in PlainCure]: string } = {
  'ack-codec': "Encode { type: 'ACK', messageId } too, or leave out the ack option. This is said once.",
  'ack-failed': 'Return undefined where there is no id.',
  'ack-overflow': 'If it replies to ACKs, let the ack option name no id for its replies.',
  altered:
    'A Map, Set, Error, RegExp or Promise becomes {}, bytes an object of their numbers, NaN, Infinity and an invalid Date null; functions and symbols ' +
    'are left out, and are null in an array, as undefined is. Send plain data: an array for a Map or Set, null for what is no number; sendBinary takes bytes.',
  'bad-id': 'An id is a string of 1 to 1024 characters, or a safe integer; the ack option can name one.',
  clock: 'Pass a monotonic clock, or none.',
  'delivery-missing':
    "Write import { durableDelivery } from 'statesocket/delivery', and pass delivery: durableDelivery().",
  'idle-timeout':
    'Set `heartbeat: { intervalMs, timeoutMs, ping }` with an `intervalMs` below it, or raise the timeout there.',
  'made-too-many':
    'The body of a component runs with each render. Call it once, outside of components, and share the connection; dispose() of one that is replaced.',
  'no-socket': 'Pass one as the option WebSocket, for Node 20 that of the ws package.',
  'ping-unanswered':
    'Make `ping` a frame that it replies to; leave `ping` out where it sends something every `intervalMs` by itself; or set `heartbeat: false`.',
  'same-place':
    'Make one with createConnection, outside of components, and share it; dispose() of one that is replaced.',
  signals:
    'Tell one of network.lost, network.restored, page.shown, page.suspended and page.resumed. Return a function that ends every source: it is called when the connection ends.',
  'token-missing':
    'Call connect() when there is a token. Where one could not be had, throw: that is retried.',
  unforeseen: 'Add it to the schema, or stop sending it.',
  unheard:
    "Listen to it with on() or onMessage(), give the bridge's map an entry for it, or stop sending it.",
};

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
 * Why the platform would not make a socket, and what to write instead, as far as it can be told: its own error quotes the
 * URL, and with it the token.
 */
const wordsOfImpossible = (address: string, protocols: unknown): string => {
  const fault = faultOfAddress(address) ?? faultOfProtocols(protocols) ?? faultOfMixedContent(address);
  return `Why: ${fault ?? 'it does not say why in words that hold no URL; try this URL in its console'}.`;
};

/** A cure in words. */
export const wordsOfCure = (cure: Cure): string => {
  switch (cure[0]) {
    case 'unknown-name':
      return cureOfName(cure[1], cure[2]);
    case 'impossible':
      return wordsOfImpossible(cure[1], cure[2]);
    default:
      return CURES[cure[0]];
  }
};
