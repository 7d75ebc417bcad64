import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UpgradeServer } from '../gateway-options.ts';

/** What makes a request an upgrade. HTTP2-Settings belongs to `h2c` (RFC 7540 section 3.2.1). */
const OF_THE_UPGRADE = new Set(['upgrade', 'connection', 'http2-settings']);

const withoutUpgrade = ({ method, url, httpVersion, rawHeaders }: IncomingMessage): string => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!OF_THE_UPGRADE.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  return [...lines, 'Connection: close', '', ''].join('\r\n');
};

/**
 * Gives an upgrade that nobody takes back to the HTTP server, which responds to it as the request that it is: a server may ignore
 * the Upgrade header (RFC 9110 section 7.8). The request is parsed a second time, without that header, so that its body
 * and the server's deadlines are what they are for any other. The connection closes after the response.
 */
export const handBack = (
  server: UpgradeServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void => {
  socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), head]));
  server.emit('encrypted' in socket && socket.encrypted === true ? 'secureConnection' : 'connection', socket);
};

/**
 * Node from 24.9 asks of each upgrade whether it is one, and treats it as a plain request where it is not. There it is asked
 * instead of handing back: those versions parse the body of an upgrade themselves. What the owner of the server said to that
 * question stays in force. Returns what undoes it.
 */
export const declineUpgrades = (
  server: UpgradeServer,
  isWanted: (request: IncomingMessage) => boolean,
): (() => void) => {
  const before: unknown = Reflect.get(server, 'shouldUpgradeCallback');
  if (typeof before !== 'function') return () => {};
  const decide = (request: IncomingMessage): unknown => isWanted(request) && before.call(server, request);
  Reflect.set(server, 'shouldUpgradeCallback', decide);
  return () => {
    if (Reflect.get(server, 'shouldUpgradeCallback') === decide) {
      Reflect.set(server, 'shouldUpgradeCallback', before);
    }
  };
};
