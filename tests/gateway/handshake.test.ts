import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { handshakeFault, isWebSocketUpgrade } from '../../src/gateway/wire/handshake.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** An opening handshake as RFC 6455 wants it, but for what is given. */
const handshake = ({
  method = 'GET',
  httpVersion = '1.1',
  ...headers
}: Record<string, string | undefined>) => {
  const request = new IncomingMessage(new Socket());
  const all = { upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': KEY, ...headers };
  return Object.assign(request, { method, httpVersion, headers: all });
};

it('a handshake as RFC 6455 wants it has no fault', () => {
  expect(handshakeFault(handshake({}))).toBeNull();
  expect(isWebSocketUpgrade(handshake({ upgrade: 'WebSocket' }))).toBe(true);
  expect(isWebSocketUpgrade(handshake({ upgrade: 'h2c' }))).toBe(false);
  expect(isWebSocketUpgrade(handshake({ upgrade: undefined }))).toBe(false);
});

it.each([
  ['of another method', { method: 'POST' }, { status: 405, headers: ['Allow: GET'] }],
  [
    'of an old version',
    { 'sec-websocket-version': '8' },
    { status: 426, headers: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'] },
  ],
  ['by HTTP/1.0', { httpVersion: '1.0' }, { status: 400 }],
  ['by HTTP/0.9', { httpVersion: '0.9' }, { status: 400 }],
  ['without a key', { 'sec-websocket-key': undefined }, { status: 400 }],
  ['with a key that is too short', { 'sec-websocket-key': 'c2hvcnQ=' }, { status: 400 }],
  ['with more than a key', { 'sec-websocket-key': `x${KEY}` }, { status: 400 }],
  ['with something behind its key', { 'sec-websocket-key': `${KEY}x` }, { status: 400 }],
])('a handshake %s is told what is wrong with it', (_, given, refusal) => {
  expect(handshakeFault(handshake(given))).toEqual(refusal);
});
