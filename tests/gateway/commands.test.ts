import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Command } from '../../src/gateway/index.ts';
import { startGateway, tokenOf } from './support/gateway-harness.ts';

const types = (commands: readonly Command[]) =>
  commands.map((command) =>
    command.kind === 'message' ? command.message.type : new Uint8Array(command.data).join(),
  );

/** A gateway that notes its commands. */
const startNoting = async (options: Parameters<typeof startGateway>[0] = {}) => {
  const commands: Command[] = [];
  return {
    commands,
    ...(await startGateway({ handle: (command) => void commands.push(command), ...options })),
  };
};

describe('a command', () => {
  it('reaches handle with its user: messages, batches of both kinds, binary, in order (I3)', async () => {
    const { commands, connect } = await startNoting();
    const anna = await connect('anna');
    anna.send({ type: 'A', key: 'k' });
    anna.send([{ type: 'B' }, { type: 'C' }]);
    anna.ws.send(new Uint8Array([1, 2, 3]));
    anna.send({ type: 'BATCH', messages: [{ type: 'D' }, { type: 'E' }] });
    anna.send([]);
    await vi.waitFor(() => expect(types(commands)).toEqual(['A', 'B', 'C', '1,2,3', 'D', 'E']));
    expect(commands[0]).toEqual({ kind: 'message', message: { type: 'A', key: 'k' } });
    expect(commands[3]?.kind === 'binary' && commands[3].data).toBeInstanceOf(ArrayBuffer);
  });

  it('waits for the one before it on its socket, and for none of another socket', async () => {
    const log: string[] = [];
    const finish: (() => void)[] = [];
    const { connect } = await startGateway({
      async handle(command, { userId }) {
        const name = `${userId} ${types([command])}`;
        log.push(`${name} begins`);
        await new Promise<void>((resolve) => finish.push(resolve));
        log.push(`${name} ends`);
      },
    });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    anna.send([{ type: '1' }, { type: '2' }]);
    await vi.waitFor(() => expect(log).toEqual(['anna 1 begins']));
    bert.send({ type: '1' });
    await vi.waitFor(() => expect(log).toEqual(['anna 1 begins', 'bert 1 begins']));
    await anna.caughtUp();
    finish[0]?.();
    await vi.waitFor(() => expect(log.slice(2)).toEqual(['anna 1 ends', 'anna 2 begins']));
    finish[1]?.();
    finish[2]?.();
    await vi.waitFor(() => expect(log.slice(4)).toEqual(['bert 1 ends', 'anna 2 ends']));
  });

  it('still runs when its socket has closed behind it, and its reply goes nowhere', async () => {
    const { connect, gateway, errors } = await startGateway({
      async handle(command, { publish, reply }) {
        await publish(['bert'], { type: 'NEW_MESSAGE', payload: types([command]) });
        reply({ type: 'DONE' });
      },
    });
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    anna.send([{ type: '1' }, { type: '2' }]);
    anna.ws.close();
    await anna.closed;
    await vi.waitFor(() =>
      expect(bert.of('NEW_MESSAGE').map((frame) => frame.payload)).toEqual([['1'], ['2']]),
    );
    expect(gateway.connectionCount).toBe(1);
    expect(errors).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    [
      'replies what is no message',
      (_command: Command, { reply }: { reply(message: never): void }) => reply(7 as never),
    ],
  ])(
    'that %s closes its socket with 1013, is reported, and those behind it do not run',
    async (_how, fault) => {
      const seen: Command[] = [];
      const { connect, errors, gateway } = await startGateway({
        handle(command, context) {
          seen.push(command);
          return fault(command, context);
        },
      });
      const anna = await connect('anna');
      const bert = await connect('bert');
      anna.send([{ type: '1' }, { type: '2' }]);
      expect((await anna.closed).code).toBe(1013);
      expect(errors.map((error) => error.code)).toEqual(['command-failed']);
      await bert.caughtUp();
      expect(types(seen)).toEqual(['1']);
      expect(gateway.connectionCount).toBe(1);
    },
  );

  it('that hangs has failed after 30 s', async () => {
    const clock = createVirtualClock();
    const started = vi.fn();
    const { connect, errors } = await startGateway({
      clock,
      heartbeatMs: 30_000,
      handle: () => {
        started();
        return new Promise(() => {});
      },
    });
    const anna = await connect('anna');
    clock.passes(1);
    anna.send({ type: '1' });
    await vi.waitFor(() => expect(started).toHaveBeenCalled());
    clock.passes(29_999);
    await anna.caughtUp();
    expect(errors).toEqual([]);
    clock.passes(1);
    expect((await anna.closed).code).toBe(1013);
    expect(errors.map((error) => error.code)).toEqual(['command-failed']);
  });

  it('that fails after its socket has closed is reported all the same', async () => {
    let fail = () => {};
    const { connect, errors, gateway } = await startGateway({
      handle: () =>
        new Promise((_resolve, reject) => {
          fail = () => reject(new Error('boom'));
        }),
    });
    const anna = await connect('anna');
    anna.send({ type: '1' });
    await anna.caughtUp();
    anna.ws.close();
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(0));
    fail();
    await vi.waitFor(() => expect(errors.map((error) => error.code)).toEqual(['command-failed']));
  });
});

describe('ACK and PING', () => {
  it('are answered or taken by the gateway and never reach handle', async () => {
    const { commands, connect, gateway } = await startNoting();
    const anna = await connect('anna');
    await gateway.publish(['anna'], { type: 'NEW_MESSAGE' });
    anna.send({ type: 'ACK', messageId: '1-x' });
    anna.send([{ type: 'ACK', messageId: 7 }, { type: 'A' }, { type: 'PING' }]);
    await vi.waitFor(() => expect(anna.of('HEARTBEAT')).toHaveLength(1));
    expect(types(commands)).toEqual(['A']);
  });

  it('PING is answered while a command runs', async () => {
    let finish = () => {};
    const { connect } = await startGateway({
      handle: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    const anna = await connect('anna');
    anna.send([{ type: 'SLOW' }, { type: 'PING' }]);
    anna.send({ type: 'PING' });
    await vi.waitFor(() => expect(anna.frames).toEqual([{ type: 'HEARTBEAT' }, { type: 'HEARTBEAT' }]));
    finish();
  });
});

describe('too many commands', () => {
  it('close the socket with 4429; a burst of one second is let through, and time refills it', async () => {
    const clock = createVirtualClock();
    const { commands, dial } = await startNoting({ clock, maxCommandsPerSecond: 5 });
    const anna = dial('anna');
    await once(anna.ws, 'open');
    for (let n = 0; n < 5; n += 1) anna.send({ type: `${n}` });
    await vi.waitFor(() => expect(commands).toHaveLength(5));
    clock.passes(400);
    anna.send({ type: '5' });
    anna.send({ type: '6' });
    await vi.waitFor(() => expect(commands).toHaveLength(7));
    anna.send({ type: '7' });
    expect((await anna.closed).code).toBe(4429);
    expect(commands).toHaveLength(7);
  });

  it('count each member of a batch, each binary frame and each PING', async () => {
    for (const flood of [
      JSON.stringify(Array.from({ length: 4 }, () => ({ type: 'A' }))),
      JSON.stringify(Array.from({ length: 4 }, () => ({ type: 'PING' }))),
      JSON.stringify(Array.from({ length: 4 }, () => ({ type: 'ACK', messageId: 'never sent' }))),
    ]) {
      const { commands, dial } = await startNoting({
        clock: createVirtualClock(),
        maxCommandsPerSecond: 3,
      });
      const anna = dial('anna');
      await once(anna.ws, 'open');
      anna.send(flood);
      expect((await anna.closed).code).toBe(4429);
      expect(commands).toEqual([]);
    }
    const { dial } = await startNoting({ clock: createVirtualClock(), maxCommandsPerSecond: 3 });
    const anna = dial('anna');
    await once(anna.ws, 'open');
    for (let n = 0; n < 4; n += 1) anna.ws.send(new Uint8Array(1));
    expect((await anna.closed).code).toBe(4429);
  });

  it('do not count the ACKs of durable messages', async () => {
    const { connect, gateway } = await startNoting({ clock: createVirtualClock(), maxCommandsPerSecond: 1 });
    const anna = await connect('anna');
    for (let n = 0; n < 20; n += 1) await gateway.publish(['anna'], { type: 'NEW_MESSAGE' });
    await vi.waitFor(() => expect(anna.frames).toHaveLength(20));
    for (const { id } of anna.frames) anna.send({ type: 'ACK', messageId: id });
    await anna.caughtUp();
  });

  it('close the socket with 4429 when they queue up behind a slow one (I15)', async () => {
    const { connect } = await startGateway({
      maxCommandsPerSecond: 10_000,
      handle: () => new Promise(() => {}),
    });
    const anna = await connect('anna');
    for (let n = 0; n < 129; n += 1) anna.send({ type: 'A' });
    await anna.caughtUp();
    anna.send({ type: 'A' });
    expect((await anna.closed).code).toBe(4429);
  });

  it('close the socket with 4429 when the bytes that wait are too many (I15)', async () => {
    const { connect } = await startGateway({ handle: () => new Promise(() => {}) });
    const anna = await connect('anna');
    for (let n = 0; n < 6; n += 1) anna.ws.send(new Uint8Array(1_000_000));
    expect((await anna.closed).code).toBe(4429);
  });
});

describe('a hostile frame', () => {
  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['no type', '{}'],
    ['a type that is no string', '{"type":{"toString":"x"}}'],
    ['a reserved type', '{"type":"binary"}'],
    ['a prototype key', '{"type":"A","__proto__":{"admin":true}}'],
    ['a hidden prototype key', '{"type":"A","x":{"\\u005f_proto__":{"admin":true}}}'],
    ['a constructor key', '{"type":"A","constructor":{"prototype":{"admin":true}}}'],
    ['deep nesting', `{"type":"A","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
    ['a batch without messages', '{"type":"BATCH"}'],
    ['a nested batch', '[{"type":"BATCH","messages":[]}]'],
    ['a batch with one bad member', '[{"type":"A"},7]'],
    ['an ACK without an id', '{"type":"ACK"}'],
    ['an ACK with a strange id', '{"type":"ACK","messageId":{}}'],
    ['an ACK with a number beyond all', '{"type":"ACK","messageId":1e999}'],
  ])('closes its socket with 4400, is reported and runs nothing (I16): %s', async (_what, frame) => {
    const { commands, connect, errors, gateway } = await startNoting();
    const [anna, bert] = [await connect('anna'), await connect('bert')];
    anna.send(frame);
    anna.send({ type: 'LATER' });
    expect((await anna.closed).code).toBe(4400);
    expect(errors.map((error) => error.code)).toEqual(['malformed-frame']);
    await bert.caughtUp();
    expect(commands).toEqual([]);
    expect(gateway.connectionCount).toBe(1);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('closes with 1009 when it is larger than maxPayloadBytes', async () => {
    const { commands, connect, errors, gateway } = await startNoting({ maxPayloadBytes: 100 });
    const anna = await connect('anna');
    anna.send({ type: 'A', x: 'x'.repeat(100) });
    expect((await anna.closed).code).toBe(1009);
    expect(errors.map((error) => error.code)).toEqual(['socket-error']);
    expect(gateway.connectionCount).toBe(0);
    expect(commands).toEqual([]);
  });

  it.each([
    ['unmasked', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['of a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['not UTF-8', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])],
    ['compressed, though nothing was agreed', Buffer.from([0xc1, 0x80, 0, 0, 0, 0])],
  ])(
    'that breaks RFC 6455 ends its session, though the peer never answers the close: %s',
    async (_what, bytes) => {
      const clock = createVirtualClock();
      const { commands, connect, errors, gateway, port } = await startNoting({ clock });
      const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      const key = randomBytes(16).toString('base64');
      socket.write(
        `GET /connect/${tokenOf('anna')}/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
      await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {}); // a reset is a fine end, too
      socket.resume();
      socket.write(bytes);
      await vi.waitFor(() => expect(gateway.connectionCount).toBe(0));
      clock.passes(2_000);
      socket.end();
      await ended;
      expect(errors.map((error) => error.code)).toEqual(['socket-error']);
      expect(commands).toEqual([]);
      await connect('anna');
    },
  );
});
