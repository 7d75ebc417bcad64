import { describe, expect, it } from 'vitest';
import { REQUEST_PATIENCE } from '../../app/server/http/http-server.ts';
import { call, signUp } from '../app/server/support/person.ts';
import { sharedServer } from '../app/server/support/test-server.ts';
import { rawPeer } from './support/raw-peer.ts';

const server = sharedServer();

describe('a peer that sends half a request', () => {
  it('is ended 15 s after it began, whatever it goes on to send, while others are served', async () => {
    const port = Number(new URL(server.url).port);
    const starts = {
      'half a request line': 'GET /ind',
      'half the headers': 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ',
      'headers without an end': 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n',
      'half an upgrade':
        'GET /connect/token/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upg',
      'half a body':
        'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"email": "',
      'a body in chunks without an end':
        'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"e\r\n',
      'the body of an offer of HTTP/2':
        'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{',
      'nothing at all': '',
    };
    const peers = await Promise.all(
      Object.entries(starts).flatMap(([what, text]) =>
        [false, true].map(async (drips) => {
          const peer = await rawPeer(port, { isDeaf: true });
          if (text !== '') await peer.write(text);
          // One byte now and then, so that it never looks idle.
          const drip = setInterval(() => drips && text !== '' && peer.socket.write('a'), 1_000);
          return { what, left: peer.left.then(() => clearInterval(drip)) };
        }),
      ),
    );
    const left = Promise.all(peers.map(async (peer) => peer.left));
    const eve = await signUp(server.url, 'Eve');
    const socket = await eve.connect();
    socket.send({ type: 'PING' });
    await socket.next('HEARTBEAT');
    await left;
    // By the server's clock: the last look comes this long after the beginning at the latest.
    const { requestTimeout, connectionsCheckingInterval } = REQUEST_PATIENCE;
    expect(requestTimeout + connectionsCheckingInterval).toBeLessThan(15_000);
    expect((await call(server.url, 'GET', '/api/session', { token: eve.token })).status).toBe(200);
    expect(socket.frames.length).toBeGreaterThan(0);
  });
});
