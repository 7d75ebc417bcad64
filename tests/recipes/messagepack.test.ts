import { decode, encode } from '@msgpack/msgpack';
import { type Codec, createConnection } from 'statesocket';
import { expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/** MessagePack in binary frames. Text is none of this wire. */
const messagePack: Codec = {
  decode: (data) => (typeof data === 'string' ? undefined : decode(data)),
  encode: (message) => encode(message),
};

it('speaks MessagePack with a server that knows nothing else', async () => {
  const server = new WebSocketServer({ port: 0 });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? (decode(data as Buffer) as { type: string }) : null;
      if (message?.type === 'ASK') {
        socket.send(encode([{ type: 'PRICE', id: 'p1', of: 'gold', at: new Date(0) }, { type: 'DONE' }]));
      }
    });
  });
  const { port } = server.address() as { port: number };
  const connection = createConnection({ url: `ws://127.0.0.1:${port}/`, WebSocket, codec: messagePack });
  const heard: unknown[] = [];
  connection.onMessage((message) => void heard.push(message));
  connection.onOpen(() => connection.send({ type: 'ASK' }));
  connection.connect({ userId: 'ada' });
  await vi.waitFor(() =>
    expect(heard).toEqual([{ type: 'PRICE', id: 'p1', of: 'gold', at: new Date(0) }, { type: 'DONE' }]),
  );
  connection.dispose();
  server.close();
});
