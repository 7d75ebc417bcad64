import { describe, expect, it, vi } from 'vitest';
import { type Command, EMPTY_POSITION, type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { startGateway } from './support/gateway-harness.ts';

describe('publish', () => {
  it('is in the engine before any socket sees it', async () => {
    const engine = memoryEngine();
    let store = () => {};
    const slow: Engine = {
      ...engine,
      append: async (...args) => {
        await new Promise<void>((resolve) => {
          store = resolve;
        });
        return engine.append(...args);
      },
    };
    const { gateway, connect } = await startGateway({ engine: slow });
    const anna = await connect('anna');
    const published = gateway.publish(['anna'], { type: 'NEW_MESSAGE', payload: 1 });
    await anna.caughtUp();
    expect(anna.of('NEW_MESSAGE')).toEqual([]);
    store();
    await published;
    const [entry] = (await engine.readAfter('anna', EMPTY_POSITION, 1)) ?? [];
    await vi.waitFor(() =>
      expect(anna.of('NEW_MESSAGE')).toEqual([{ type: 'NEW_MESSAGE', payload: 1, id: entry?.id }]),
    );
  });

  it('reaches every socket of a user once, in order, also when the user is named twice (I5)', async () => {
    const { gateway, connect } = await startGateway();
    const sockets = [await connect('anna'), await connect('anna')];
    for (let n = 0; n < 200; n += 1)
      void gateway.publish(['anna', 'anna'], { type: 'NEW_MESSAGE', payload: n });
    for (const socket of sockets) {
      await vi.waitFor(() => expect(socket.frames).toHaveLength(200));
      await socket.caughtUp();
      expect(socket.of('NEW_MESSAGE').map((frame) => frame.payload)).toEqual(
        Array.from({ length: 200 }, (_, n) => n),
      );
      expect(new Set(socket.of('NEW_MESSAGE').map((frame) => frame.id)).size).toBe(200);
    }
  });

  it('gives a socket what came after it opened, and nothing older', async () => {
    const { gateway, connect } = await startGateway();
    await gateway.publish(['anna'], { type: 'NEW_MESSAGE', payload: 'before' });
    const anna = await connect('anna');
    await gateway.publish(['anna'], { type: 'NEW_MESSAGE', payload: 'after' });
    await anna.caughtUp();
    expect(anna.of('NEW_MESSAGE').map((frame) => frame.payload)).toEqual(['after']);
  });

  it('loses nothing that is published while the handshake is on its way back', async () => {
    const engine = memoryEngine();
    let published: Promise<void> = Promise.resolve();
    const { gateway, connect } = await startGateway({
      engine: {
        ...engine,
        async last(userId) {
          const last = await engine.last(userId);
          published = gateway.publish([userId], { type: 'NEW_MESSAGE', payload: 'just now' });
          return last;
        },
      },
    });
    const anna = await connect('anna');
    await published;
    await vi.waitFor(() => expect(anna.of('NEW_MESSAGE')).toHaveLength(1));
  });

  it('leaves the names of the protocol to the protocol: a sender stays unknown (I14)', async () => {
    const { gateway, connect } = await startGateway();
    const anna = await connect('anna');
    const message = {
      type: 'NEW_MESSAGE',
      id: 'mine',
      prev: 'p',
      clientId: 'c',
      n: 4,
      key: 'k',
      payload: { id: 'kept', key: 'kept' },
    };
    await gateway.publish(['anna'], message);
    gateway.publishVolatile(['anna'], { ...message, type: 'TYPING' });
    await vi.waitFor(() => expect(anna.frames).toHaveLength(2));
    const [durable] = anna.of('NEW_MESSAGE');
    expect(durable).toEqual({
      type: 'NEW_MESSAGE',
      id: expect.stringMatching(/^1-/),
      payload: { id: 'kept', key: 'kept' },
    });
    expect(anna.of('TYPING')).toEqual([{ type: 'TYPING', payload: { id: 'kept', key: 'kept' } }]);
  });

  it('rejects with engine-failed when one log cannot take it; the others have it', async () => {
    const engine = memoryEngine();
    const { gateway, connect } = await startGateway({
      engine: {
        ...engine,
        append: (userId, texts) =>
          userId === 'anna' ? Promise.reject(new Error('disk full')) : engine.append(userId, texts),
      },
    });
    const bert = await connect('bert');
    await expect(gateway.publish(['anna', 'bert'], { type: 'NEW_MESSAGE' })).rejects.toMatchObject({
      code: 'engine-failed',
    });
    await vi.waitFor(() => expect(bert.of('NEW_MESSAGE')).toHaveLength(1));
  });

  it.each([
    { type: 'BATCH', messages: [] },
    { type: 'binary' },
    { type: 7 as never },
    { type: 'X', big: 1n },
    { type: 'X', toJSON: () => 'text' },
    null as never,
    [] as never,
  ])('throws message-not-serialisable for what is no message', async (message) => {
    const { gateway } = await startGateway();
    const refused = { code: 'message-not-serialisable' };
    await expect(gateway.publish(['anna'], message)).rejects.toMatchObject(refused);
    expect(() => gateway.publishVolatile(['anna'], message)).toThrowError(expect.objectContaining(refused));
  });

  it('stores for a user who is away, and for nobody without complaint', async () => {
    const engine = memoryEngine();
    const { gateway } = await startGateway({ engine });
    await gateway.publish(['away'], { type: 'NEW_MESSAGE' });
    await gateway.publish([], { type: 'NEW_MESSAGE' });
    expect(await engine.last('away')).not.toBe(EMPTY_POSITION);
  });

  it('closes a socket with 1013, reported, when its log can no longer be read', async () => {
    const engine = memoryEngine();
    let broken = false;
    const { gateway, connect, errors } = await startGateway({
      engine: {
        ...engine,
        readAfter: (...args) => (broken ? Promise.reject(new Error('gone')) : engine.readAfter(...args)),
      },
    });
    const anna = await connect('anna');
    broken = true;
    await gateway.publish(['anna'], { type: 'NEW_MESSAGE' });
    expect((await anna.closed).code).toBe(1013);
    expect(errors.map((error) => error.code)).toEqual(['engine-failed']);
  });

  it('closes a socket with 4408 when retention has passed it: a loss is visible, never silent', async () => {
    const engine = memoryEngine({ retention: { maxCount: 2 } });
    let hold: Promise<void> = Promise.resolve();
    const { gateway, connect } = await startGateway({
      engine: {
        ...engine,
        async readAfter(...args) {
          await hold;
          return engine.readAfter(...args);
        },
      },
    });
    const anna = await connect('anna');
    let release = () => {};
    hold = new Promise((resolve) => {
      release = resolve;
    });
    for (let n = 0; n < 3; n += 1) await gateway.publish(['anna'], { type: 'NEW_MESSAGE', payload: n });
    release();
    expect((await anna.closed).code).toBe(4408);
    expect(anna.of('NEW_MESSAGE')).toEqual([]);
  });
});

describe('publishVolatile and publishBinary', () => {
  it('reach the open sockets and are not kept', async () => {
    const engine = memoryEngine();
    const { gateway, connect } = await startGateway({ engine });
    const anna = await connect('anna');
    gateway.publishVolatile(['anna', 'away', 'anna'], { type: 'TYPING', conversationId: 'c1' });
    gateway.publishBinary(['anna', 'away', 'anna'], new Uint8Array([1, 2, 3]));
    gateway.publishBinary(['anna'], new Uint8Array([4, 5]).buffer);
    await vi.waitFor(() =>
      expect(anna.binaries).toEqual([new Uint8Array([1, 2, 3]), new Uint8Array([4, 5])]),
    );
    expect(anna.frames).toEqual([{ type: 'TYPING', conversationId: 'c1' }]);
    expect(await engine.last('anna')).toBe(EMPTY_POSITION);
  });

  it('write a message as text once, however many get it', async () => {
    const { gateway, connect } = await startGateway();
    const sockets = await Promise.all(['anna', 'anna', 'bert', 'cleo'].map((userId) => connect(userId)));
    const toJSON = vi.fn(() => 'seen');
    gateway.publishVolatile(['anna', 'bert', 'cleo'], { type: 'TYPING', counted: { toJSON } });
    for (const socket of sockets)
      await vi.waitFor(() => expect(socket.of('TYPING')).toEqual([{ type: 'TYPING', counted: 'seen' }]));
    expect(toJSON).toHaveBeenCalledTimes(1);
  });
});

describe('a frame', () => {
  it('reaches exactly the users it was published to, whatever its kind (I14)', async () => {
    const users = ['anna', 'bert', 'cleo', 'dora', '__proto__'];
    const { gateway, connect } = await startGateway();
    const sockets = await Promise.all(
      [...users, ...users].map(async (userId) => ({
        userId,
        client: await connect(encodeURIComponent(userId)),
      })),
    );
    // Every set of users once: the bits of the number say who is in it.
    const audiences = Array.from({ length: 2 ** users.length }, (_, bits) =>
      users.filter((_user, bit) => bits & (1 << bit)),
    );
    for (const [n, audience] of audiences.entries()) {
      void gateway.publish(audience, { type: 'DURABLE', payload: n });
      gateway.publishVolatile(audience, { type: 'VOLATILE', payload: n });
      gateway.publishBinary(audience, new Uint8Array([n]));
    }
    for (const { userId, client } of sockets) {
      const due = [...audiences.keys()].filter((n) => audiences[n]?.includes(userId));
      await vi.waitFor(() => expect(client.of('DURABLE')).toHaveLength(due.length));
      await client.caughtUp();
      expect(
        client.of('DURABLE').map((frame) => frame.payload),
        userId,
      ).toEqual(due);
      expect(
        client.of('VOLATILE').map((frame) => frame.payload),
        userId,
      ).toEqual(due);
      expect(
        client.binaries.map(([n]) => n),
        userId,
      ).toEqual(due);
    }
  });

  it('of reply reaches the one socket that asked, with every name it has', async () => {
    const commands: Command[] = [];
    const { connect } = await startGateway({
      handle(command, { reply, userId }) {
        commands.push(command);
        reply({ type: 'COMMAND_REJECTED', key: 'k1', reason: userId });
      },
    });
    const [asking, other] = [await connect('anna'), await connect('anna')];
    asking.send({ type: 'SEND_MESSAGE' });
    await vi.waitFor(() =>
      expect(asking.frames).toEqual([{ type: 'COMMAND_REJECTED', key: 'k1', reason: 'anna' }]),
    );
    await other.caughtUp();
    expect(other.of('COMMAND_REJECTED')).toEqual([]);
    expect(commands).toHaveLength(1);
  });
});
