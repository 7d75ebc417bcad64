import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { type Command, EMPTY_POSITION, memoryEngine } from '../../src/gateway/index.ts';
import { createBeatWheel } from '../../src/gateway/session/beat-wheel.ts';
import type { SessionHost, SessionOptions } from '../../src/gateway/session/session-host.ts';
import { createSession } from '../../src/gateway/session/socket-session.ts';
import { SharedFrame } from '../../src/gateway/wire/shared-frame.ts';
import type { StatesocketError } from '../../src/protocol/index.ts';
import { createFakeTransport } from './support/fake-transport.ts';

const BEAT = '{"type":"HEARTBEAT"}';
const WELCOME = '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":10000,"window":32}';

/** A session of a plain client, on no network and no clock but its own. */
const startSession = (options: Partial<SessionHost & SessionOptions> = {}) => {
  const clock = createVirtualClock();
  const transport = createFakeTransport();
  const engine = memoryEngine();
  const commands: Command[] = [];
  const errors: StatesocketError[] = [];
  const ended = vi.fn();
  const all: SessionHost & SessionOptions = {
    beats: createBeatWheel(clock, 10_000),
    userId: 'anna',
    number: 1,
    transport,
    engine,
    position: EMPTY_POSITION,
    clock,
    limits: {
      heartbeatMs: 10_000,
      maxPayloadBytes: 1_000_000,
      maxBufferedBytes: 1_000,
      maxCommandsPerSecond: 50,
      windowCount: 32,
    },
    scheduler: { turn: () => undefined },
    laneOf: () => ({
      takeTurn: () => undefined,
      gate: { enter: () => undefined, leave: () => {} },
    }),
    channelsOf: () => ({ sendText: () => undefined, sendBinary: () => undefined }),
    showOnline: async () => true,
    identify: async () => 'anna',
    handle: (command) => void commands.push(command),
    report: (error) => errors.push(error),
    observation: null,
    ended,
    ...options,
  };
  const session = createSession(all, all);
  const start = session.start.bind(session);
  /** Starts it, and sends a first frame that no client of the extension would send. */
  session.start = () => {
    start();
    session.receiveText('[]');
  };
  return { clock, transport, engine, commands, errors, ended, session };
};

const settle = () => new Promise((resolve) => setImmediate(resolve));
const message = (n: number) => JSON.stringify({ type: 'M', payload: n });
const payloads = (log: readonly string[]) =>
  log.flatMap((line) =>
    line.startsWith('{"id"') ? [(JSON.parse(line) as { payload: number }).payload] : [],
  );

describe('a session', () => {
  it('starts after its position, and reads on when the doorbell rings', async () => {
    const { session, engine, transport } = startSession();
    await engine.append('anna', [message(1)]);
    session.start();
    await settle();
    await engine.append('anna', [message(2), message(3)]);
    await settle();
    expect(payloads(transport.log)).toEqual([1, 2, 3]);
  });

  it('sends each entry once though doorbells ring during reads and sends (I4, I5)', async () => {
    const engine = memoryEngine();
    const { session, transport } = startSession({
      engine: {
        ...engine,
        async readAfter(...args) {
          const entries = await engine.readAfter(...args);
          await settle(); // the answer is on its way
          return entries;
        },
      },
    });
    session.start();
    for (let n = 0; n < 100; n += 1) {
      void engine.append('anna', [message(n)]);
      if (n % 7 === 0) await settle();
    }
    await vi.waitFor(() => expect(payloads(transport.log)).toHaveLength(100));
    await settle();
    expect(payloads(transport.log)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('keeps durable messages in the log while its peer is slow, and holds no more than it must', async () => {
    const { session, engine, transport } = startSession();
    session.start();
    transport.stall();
    for (let n = 0; n < 200; n += 1) await engine.append('anna', [message(n)]);
    await settle();
    expect(transport.bufferedBytes).toBeLessThan(1_000);
    const sentBefore = payloads(transport.log).length;
    expect(sentBefore).toBeLessThan(20);
    transport.flush();
    await settle();
    expect(payloads(transport.log)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  it('closes with 4408 at the next live frame when too much waits, and sends no more', () => {
    const { session, transport, ended } = startSession();
    session.start();
    transport.stall();
    session.send(new SharedFrame(new Uint8Array(1_001)));
    expect(ended).not.toHaveBeenCalled();
    session.send(new SharedFrame('{"type":"TYPING"}'));
    session.send(new SharedFrame(new Uint8Array(1)));
    expect(transport.log).toEqual([WELCOME, 'binary 1001', 'close 4408 too slow']);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('does nothing more once it has ended: no frame, no command, no timer, no subscription (I1, I10)', async () => {
    for (const end of ['close', 'transportClosed'] as const) {
      const { session, engine, transport, clock, commands, ended } = startSession();
      session.start();
      if (end === 'close') session.close(4401, 'unauthenticated');
      else session.transportClosed();
      const log = [...transport.log];
      session.receiveText('{"type":"A"}');
      session.receiveText('garbage');
      session.receiveBinary(new ArrayBuffer(1));
      session.receivePong();
      session.send(new SharedFrame('{}'));
      session.send(new SharedFrame(new ArrayBuffer(1)));
      session.start();
      session.close(1000, 'again');
      session.transportClosed();
      await engine.append('anna', [message(1)]);
      clock.passes(100_000);
      await settle();
      expect(transport.log).toEqual(log);
      expect(commands).toEqual([]);
      expect(ended).toHaveBeenCalledTimes(1);
      expect(clock.timerCount).toBe(0);
    }
  });

  it('that ended during a read sends nothing of it', async () => {
    const { session, engine, transport } = startSession();
    await engine.append('anna', [message(1)]);
    session.start();
    session.transportClosed();
    await settle();
    expect(transport.log).toEqual([WELCOME]);
  });

  it('takes nobody for dead by what was not read: the pong of a peer that is held back may lie there', async () => {
    const { session, clock, ended } = startSession();
    let readUntil = Number.POSITIVE_INFINITY;
    session.readBy({ readUntil: (now) => Math.min(now, readUntil), kept() {} });
    session.start();
    clock.passes(10_000);
    session.receivePong();
    readUntil = clock.now();
    await settle();
    for (let beat = 0; beat < 5; beat += 1) {
      clock.passes(10_000);
      await settle();
    }
    expect(session.silentSince).toBeNull();
    expect(ended).not.toHaveBeenCalled();
    // The first of these pings left 10 s later. It is read from now and then, and it does not pong.
    readUntil += 14_000;
    expect(session.silentSince).toBe(clock.now() - 4_000);
    readUntil += 1_000;
    clock.passes(10_000);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it('drops a peer that left a ping unanswered until the next beat', async () => {
    const { session, transport, clock, ended } = startSession();
    session.start();
    clock.passes(10_000);
    session.receivePong();
    await settle();
    clock.passes(10_000);
    await settle();
    clock.passes(9_999);
    expect(ended).not.toHaveBeenCalled();
    clock.passes(1);
    expect(transport.log).toEqual([WELCOME, 'ping', BEAT, 'ping', BEAT, 'terminate']);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(clock.timerCount).toBe(0);
  });

  it('judges nothing after this process stood still: the pong may be waiting unread (I18)', async () => {
    const { session, transport, clock, ended } = startSession();
    session.start();
    clock.passes(10_000);
    await settle();
    clock.sleeps(60_000);
    await settle();
    expect(ended).not.toHaveBeenCalled();
    expect(transport.log).toEqual([WELCOME, 'ping', BEAT, 'ping', BEAT]);
    clock.passes(10_000);
    expect(transport.log.at(-1)).toBe('terminate');
  });

  it('closes once, whatever comes of the token check afterwards', async () => {
    let answer: (userId: string | null) => void = () => {};
    const { session, transport, clock, errors } = startSession({
      identify: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    session.start();
    clock.passes(10_000);
    session.close(1001, 'server shuts down');
    answer(null);
    await settle();
    expect(transport.log.filter((line) => line.startsWith('close'))).toEqual([
      'close 1001 server shuts down',
    ]);
    expect(errors).toEqual([]);
  });

  it('settles when its running command has, and runs none that waited', async () => {
    let finish = () => {};
    const handle = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const { session } = startSession({ handle });
    session.receiveText('[{"type":"A"},{"type":"B"}]');
    session.close(1001, 'server shuts down');
    const settled = vi.fn();
    const settling = session.settled().then(settled);
    await settle();
    expect(settled).not.toHaveBeenCalled();
    finish();
    await settling;
    await settle();
    expect(handle).toHaveBeenCalledTimes(1);
  });
});
