import { connectionMachine } from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import { recordedEvent } from '../../src/recording/recorded-event.ts';

const recorded = (event: { readonly type: string; readonly [member: string]: unknown }) =>
  recordedEvent('connection', event, { events: connectionMachine.events, userId: null, said: undefined });

describe('what a recording keeps of an event', () => {
  it('of a close is its code, whether it was clean, and how long the server asks to wait, where it does', () => {
    const close = { type: 'socket.closed', code: 1013, wasClean: true, reason: 'a secret' };
    expect(recorded(close)).toMatchObject({ type: 'socket.closed', code: 1013, wasClean: true });
    expect(recorded(close)).not.toHaveProperty('minDelayMs');
    expect(recorded({ ...close, minDelayMs: 30_000 })).toMatchObject({ minDelayMs: 30_000 });
    expect(recorded({ ...close, minDelayMs: 'a secret' })).not.toHaveProperty('minDelayMs');
    expect(JSON.stringify(recorded(close))).not.toContain('a secret');
  });

  it('of a handshake that failed is why, and the HTTP status that came in place of it, where the platform tells', () => {
    const failed = (failure: unknown) =>
      recorded({ type: 'socket.closed', code: 1006, wasClean: false, failure });
    expect(failed({ why: 'http', httpStatus: 503 })).toMatchObject({
      failure: { why: 'http', httpStatus: 503 },
    });
    expect(failed({ why: 'http', httpStatus: 'a secret' })).toMatchObject({
      failure: { why: 'http', httpStatus: null },
    });
    expect(failed({ why: 'a secret', httpStatus: 503 })).not.toHaveProperty('failure');
    expect(failed(undefined)).not.toHaveProperty('failure');
  });

  it('of an attempt that failed is whether the token or the URL was missing', () => {
    expect(recorded({ type: 'attempt.failed', cause: 'token' })).toMatchObject({ cause: 'token' });
    expect(recorded({ type: 'attempt.failed', cause: 'a secret' })).not.toHaveProperty('cause');
  });

  it('of a dial that is held is how long at most', () => {
    expect(recorded({ type: 'dial.held', upToMs: 9_000 })).toMatchObject({ upToMs: 9_000 });
    expect(recorded({ type: 'dial.held' })).not.toHaveProperty('upToMs');
  });
});
