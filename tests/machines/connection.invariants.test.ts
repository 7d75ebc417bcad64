import fc from 'fast-check';
import {
  type ConnectionEvent,
  connectionMachine,
  failureOf,
  type SocketEvent,
  type SocketInput,
  type SocketRequest,
  statusOf,
} from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import { createActor, fromCallback, SimulatedClock } from 'xstate';

const CONNECT_TIMEOUT_MS = 10_000;
const LONGEST_RETRY_MS = 30_000;
/** The connect budget's window, the deadline that its refund adds, and the longest wait of the policy. */
const LONGEST_PAUSE_MS = 60_000 + CONNECT_TIMEOUT_MS + LONGEST_RETRY_MS;

const close = (code: number, wasClean: boolean): ConnectionEvent => ({
  type: 'socket.closed',
  code,
  reason: '',
  wasClean,
});

const connectAda: ConnectionEvent = { type: 'user.connect', userId: 'ada' };

const EVENTS: readonly ConnectionEvent[] = [
  connectAda,
  { type: 'user.connect', userId: 'ben' },
  { type: 'user.disconnect' },
  { type: 'user.logout' },
  { type: 'user.retry' },
  { type: 'dial.held', upToMs: 30_000 },
  { type: 'dial.held', upToMs: Number.NaN },
  { type: 'dial.held', upToMs: Number.POSITIVE_INFINITY },
  { type: 'socket.opened' },
  close(1000, true),
  close(1006, false),
  close(1012, true),
  close(1013, true),
  close(4401, true),
  close(1008, false),
  close(4403, true),
  { type: 'attempt.failed', cause: 'token' },
  { type: 'token.missing' },
  { type: 'socket.impossible' },
  { type: 'heartbeat.armed', canAsk: true },
  { type: 'heartbeat.armed', canAsk: false },
  { type: 'frame.silent' },
  { type: 'frame.heard' },
  { type: 'probe.unanswered' },
  { type: 'socket.stuck' },
  { type: 'link.broken', why: 'unanswered' },
  { type: 'link.broken', why: 'late-welcome' },
  { type: 'link.broken', why: 'version' },
  { type: 'network.lost' },
  { type: 'network.restored' },
  { type: 'page.shown' },
  { type: 'page.suspended' },
  { type: 'page.resumed' },
];

const REJECTING_CODES = [4400, 4403, 4409];
const REFUSING_CODES = [1008, 4401];

/** What no further dial can fix. */
const makesUseless = (step: ConnectionEvent | number): boolean =>
  typeof step !== 'number' &&
  (step.type === 'socket.impossible' || (step.type === 'link.broken' && step.why === 'version'));

const steps = fc.array(
  fc.oneof(
    { arbitrary: fc.constantFrom(...EVENTS), weight: 1 },
    { arbitrary: fc.constantFrom(connectAda, close(1006, false), 35_000), weight: 2 },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);

const startChart = () => {
  const clock = new SimulatedClock();
  /** Why each attempt has asked for its token. */
  const reasons: SocketInput['reason'][] = [];
  const machine = connectionMachine.provide({
    actors: {
      socket: fromCallback<SocketRequest, SocketInput, SocketEvent>(({ input }) => {
        reasons.push(input.reason);
      }),
    },
  });
  const actor = createActor(machine, {
    input: { maxRetries: 3, connectTimeoutMs: CONNECT_TIMEOUT_MS, backoff: () => LONGEST_RETRY_MS },
    clock,
  }).start();
  return { clock, actor, reasons };
};

describe('under any events, wishes and waits', () => {
  it('I11 failed is entered for its three reasons only', () => {
    const seen = { exhausted: 0, rejected: 0, misconfigured: 0, crashed: 0 };
    fc.assert(
      fc.property(steps, (taken) => {
        const { clock, actor, reasons } = startChart();
        /** What a refusal looks like: for good, or of a token that was asked for afresh. */
        const isRefusal = (step: ConnectionEvent | number): boolean => {
          if (typeof step === 'number') return false;
          const wasFresh = reasons.at(-1) === 'refresh';
          if (step.type === 'token.missing') return wasFresh;
          if (step.type !== 'socket.closed') return false;
          return REJECTING_CODES.includes(step.code) || (wasFresh && REFUSING_CODES.includes(step.code));
        };
        for (const step of taken) {
          const before = failureOf(actor.getSnapshot());
          if (typeof step === 'number') clock.increment(step);
          else actor.send(step);
          const snapshot = actor.getSnapshot();
          const failure = failureOf(snapshot);
          if (failure === null || failure === before) continue;
          seen[failure] += 1;
          const { context } = snapshot;
          if (failure === 'exhausted') expect(context.retryCount).toBe(3);
          else if (failure === 'rejected') expect([step, isRefusal(step)]).toEqual([step, true]);
          else expect([step, makesUseless(step)]).toEqual([step, true]);
        }
        actor.stop();
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(Math.min(seen.exhausted, seen.rejected, seen.misconfigured)).toBeGreaterThan(10);
  });

  it('I11 connecting and backoff end by themselves within a bound', () => {
    const left = { connecting: 0, backoff: 0 };
    fc.assert(
      fc.property(steps, (taken) => {
        const { clock, actor } = startChart();
        for (const step of taken) {
          if (typeof step === 'number') clock.increment(step);
          else actor.send(step);
        }
        const status = statusOf(actor.getSnapshot());
        if (status === 'connecting' || status === 'backoff') {
          left[status] += 1;
          const value = JSON.stringify(actor.getSnapshot().value);
          let passedMs = 0;
          while (JSON.stringify(actor.getSnapshot().value) === value) {
            clock.increment(1_000);
            passedMs += 1_000;
            if (passedMs > LONGEST_PAUSE_MS) throw new Error(`${value} lasts longer than ${passedMs} ms`);
          }
        }
        actor.stop();
      }),
      { numRuns: 300, seed: 12 },
    );
    expect(left.connecting).toBeGreaterThan(10);
    expect(left.backoff).toBeGreaterThan(10);
  });
});
