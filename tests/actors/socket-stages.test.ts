import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

/** What a platform tells late, twice or in the wrong order changes nothing: a stage hears only what belongs to it. */

type Message = { type: string };

const set = (options: ScenarioOptions<Message> = {}) => {
  const scenario = createScenario<Message>({
    backoff: () => 1_000,
    getToken: () => 'token-of-ada',
    ...options,
  });
  const { connection, server } = scenario;
  connection.connect({ userId: 'ada' });
  /** The handlers that the connection gave this socket, as a platform keeps them that tells late. */
  const handlersOf = () => {
    const { onopen, onmessage, onerror, onclose } = server.latest;
    return {
      opens: () => onopen?.({} as never),
      brings: (data: string) => onmessage?.({ data }),
      errs: () => onerror?.({ error: { code: 'ENOTFOUND' } } as never),
      closes: (code: number) => onclose?.({ code, reason: '', wasClean: code !== 1006 }),
    };
  };
  return { ...scenario, handlersOf };
};

describe('one socket of a platform that repeats itself', () => {
  it('is lost once, however often its close is told (I1)', () => {
    const { connection, server, clock, handlersOf } = set();
    server.accepts();
    const { closes } = handlersOf();
    closes(1006);
    expect(connection.getSnapshot()).toMatchObject({ status: 'backoff', lastEnd: { code: 1006 } });
    closes(4403);
    closes(1000);
    expect(connection.getSnapshot()).toMatchObject({ status: 'backoff', lastEnd: { code: 1006 } });
    clock.passes(1_000);
    expect(connection.status).toBe('connecting');
    closes(4403);
    expect(connection.status).toBe('connecting');
  });

  it('opens once, and not when it is over', () => {
    const { connection, server, handlersOf } = set();
    const heard = vi.fn();
    connection.onOpen(heard);
    const early = handlersOf();
    server.accepts();
    early.opens();
    expect(heard).toHaveBeenCalledOnce();
    connection.disconnect();
    early.opens();
    expect(connection.status).toBe('idle');
    expect(heard).toHaveBeenCalledOnce();
  });

  it('brings nothing and reports nothing once it is over (I1)', () => {
    const { connection, server, errors, handlersOf } = set();
    const heard = vi.fn();
    connection.onMessage(heard);
    server.accepts();
    const { brings, errs, closes } = handlersOf();
    connection.disconnect();
    brings('{"type":"NEWS"}');
    errs();
    closes(4401);
    expect(heard).not.toHaveBeenCalled();
    expect(errors).toEqual([]);
    expect(connection.getSnapshot()).toMatchObject({ status: 'idle', lastEnd: null });
  });

  it('tells each of its errors, and the app the reason of the last with the close', () => {
    const classifyClose = vi.fn();
    const { server, errors, handlersOf } = set({ classifyClose });
    const { errs } = handlersOf();
    errs();
    errs();
    server.closes(1006);
    expect(errors.map(({ code, failure }) => [code, failure?.why])).toEqual([
      ['socket-error', 'dns'],
      ['socket-error', 'dns'],
    ]);
    expect(classifyClose).toHaveBeenCalledOnce();
    expect(classifyClose.mock.lastCall?.[0]).toMatchObject({ code: 1006, failure: { why: 'dns' } });
  });
});

describe('a close that the server has announced', () => {
  it('counts once, by what it was said to mean', () => {
    const { connection, server, clock, handlersOf } = set();
    server.accepts();
    clock.passes(6_000);
    const { closes } = handlersOf();
    server.sends({ type: 'CLOSING', ext: 'statesocket', code: 4403, minDelayMs: 0 });
    closes(1006);
    const { status, lastEnd } = connection.getSnapshot();
    expect({ status, code: lastEnd?.code }).toEqual({ status: 'failed', code: 4403 });
    clock.passes(60_000);
    closes(1000);
    expect(connection.getSnapshot().lastEnd).toEqual(lastEnd);
  });
});
