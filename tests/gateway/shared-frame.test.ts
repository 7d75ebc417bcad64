import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { SharedFrame } from '../../src/gateway/wire/shared-frame.ts';
import { startGateway } from './support/gateway-harness.ts';

describe('a frame for many sockets', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    'reaches a ws client whole at %d bytes',
    async (length) => {
      const { connect, gateway } = await startGateway();
      const anna = await connect('anna');
      const bytes = Uint8Array.from({ length }, (_, at) => at % 251);
      gateway.publishBinary(['anna'], bytes);
      await anna.caughtUp();
      expect(anna.binaries).toHaveLength(1);
      expect(Buffer.compare(anna.binaries[0] ?? Buffer.from('none'), bytes)).toBe(0);
    },
  );

  it('is text in UTF-8, also where it is longer than its characters', async () => {
    const { connect, gateway } = await startGateway();
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    for (const text of ['', 'ü'.repeat(63), '雪'.repeat(30_000), '🎁', '\ud800 alone']) {
      gateway.publishVolatile(['anna', 'bert'], { type: 'SNOW', text });
      for (const socket of [anna, bert]) {
        await socket.caughtUp();
        expect(socket.frames.at(-1)).toEqual({ type: 'SNOW', text });
      }
    }
  });

  it('comes between the frames of ws in the order in which they were sent, and in one piece', async () => {
    const { connect, gateway } = await startGateway({
      handle: (command, { reply }) => {
        if (command.kind === 'message') reply({ type: 'REPLY', n: command.message.payload });
      },
      maxCommandsPerSecond: 1_000,
    });
    const anna = await connect('anna');
    for (let n = 0; n < 100; n += 1) {
      gateway.publishVolatile(['anna'], { type: 'SHARED', payload: n, padding: 'x'.repeat(n * 37) });
      anna.send({ type: 'ASK', payload: n });
    }
    await vi.waitFor(() => expect(anna.of('REPLY')).toHaveLength(100));
    expect(anna.of('SHARED').map(({ payload }) => payload)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('is built once, when the first socket takes it', async () => {
    const { connect, gateway } = await startGateway();
    const sockets = [];
    for (let n = 0; n < 8; n += 1) sockets.push(await connect(`user ${n}`));
    const write = vi.spyOn(Buffer.prototype, 'write');
    gateway.publishVolatile(
      sockets.map((_, n) => `user ${n}`),
      { type: 'SNOW', text: 'once' },
    );
    expect(write.mock.calls.filter(([text]) => String(text).includes('once'))).toHaveLength(1);
    write.mockRestore();
    for (const socket of sockets) {
      await socket.caughtUp();
      expect(socket.of('SNOW')).toEqual([{ type: 'SNOW', text: 'once' }]);
    }
  });

  it('is dropped on a socket that is closing, and tells that it will never leave', async () => {
    const { dial, gateway, server } = await startGateway();
    const upgraded = once(server, 'upgrade');
    const anna = dial('anna');
    await upgraded;
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    gateway.disconnectUser('anna', 4000, 'bye');
    gateway.publishVolatile(['anna'], { type: 'LATE' });
    expect((await anna.closed).code).toBe(4000);
    expect(anna.of('LATE')).toEqual([]);
  });

  it('has the header of RFC 6455: FIN, the opcode, a length in as few bytes as may be, no mask', () => {
    expect([...new SharedFrame('hi').bytes]).toEqual([0x81, 2, 0x68, 0x69]);
    expect([...new SharedFrame(new Uint8Array([7])).bytes]).toEqual([0x82, 1, 7]);
    expect([...new SharedFrame('x'.repeat(126)).bytes.subarray(0, 4)]).toEqual([0x81, 126, 0, 126]);
    expect([...new SharedFrame('x'.repeat(65_536)).bytes.subarray(0, 10)]).toEqual([
      0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0,
    ]);
  });

  it('is a view as it stands, not the buffer behind it', () => {
    const view = new Uint16Array(new Uint8Array([0, 0, 1, 0, 2, 0, 9, 9]).buffer, 2, 2);
    expect([...new SharedFrame(view).bytes]).toEqual([0x82, 4, 1, 0, 2, 0]);
  });
});
