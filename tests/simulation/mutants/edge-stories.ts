import { vi } from 'vitest';
import { demand } from '../implementation.ts';
import { begin, beginOpen, type Story } from './story.ts';

const ping = (): string => '{"type":"PING"}';
const ASKED = { heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping } };
const UNASKED = { heartbeat: { intervalMs: 14_000, timeoutMs: 5_000 } };
const HEARTBEAT = { type: 'HEARTBEAT' };

type Told = ReturnType<typeof begin>;

const reportCount = ({ errors }: Told, code: string): number =>
  errors.filter((error) => error.code === code).length;

/** The server falls silent; the socket is given up, and the next one opens. */
const dies = ({ clock, server, connection }: Told): void => {
  clock.passes(19_000);
  demand(connection.status !== 'open', 'I11', () => 'a silent server passes for alive');
  // The second in a row is waited for.
  connection.retry();
  server.accepts();
};

const standsStill = (
  implementation: Parameters<Story['holds']>[0],
): Told & { readonly at: { now: number } } => {
  const at = { now: 0 };
  const told: Told = begin(implementation, UNASKED, (Fake) => Fake);
  const { clock } = told;
  told.connection.dispose();
  const again = begin(implementation, { ...UNASKED, clock: { ...clock, now: () => at.now } });
  again.connection.connect({ userId: 'ada' });
  again.server.accepts();
  return { ...again, clock, at };
};

/** What platforms do that no document of theirs says: closes that do not end, slow servers, odd clocks. */
export const edgeStories: readonly Story[] = [
  {
    name: 'a close that does not end is noticed',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      clock.passes(6_000);
      server.startsClosing();
      clock.passes(7_999);
      const { lastEnd } = connection.getSnapshot();
      demand(lastEnd?.cause === 'stuck', 'I11', () => `8 s later it is ${connection.status}`);
    },
  },
  {
    name: 'a frame that cannot be sent is a reason to look',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      clock.passes(5_100);
      server.startsClosing();
      connection.send({ type: 'SAY' });
      clock.passes(3_000);
      demand(connection.status === 'backoff', 'I11', () => `3 s later it is ${connection.status}`);
    },
  },
  {
    name: 'a close that is told right after sleep keeps its code',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      server.startsClosing();
      clock.passes(5_000);
      clock.sleeps(60_000);
      server.closes(4403);
      const { failure } = connection.getSnapshot();
      demand(failure === 'rejected', 'liveness', () => `it is ${connection.status}, ${failure}`);
    },
  },
  {
    name: 'a socket that is given up and stays is terminated',
    holds(implementation) {
      vi.useFakeTimers();
      try {
        let terminatedCount = 0;
        const { connection } = beginOpen(implementation, {}, (Fake) => {
          return class extends Fake {
            override close(): void {}
            override terminate(): void {
              terminatedCount += 1;
            }
          };
        });
        connection.dispose();
        demand(terminatedCount === 0, 'I10', () => 'it has no time to close');
        vi.advanceTimersByTime(2_000);
        demand(
          terminatedCount === 1,
          'I10',
          () => `2 s after dispose it was terminated ${terminatedCount} times`,
        );
      } finally {
        vi.useRealTimers();
      }
    },
  },
  {
    name: 'a clock that stands still keeps no dead socket',
    holds(implementation) {
      const { connection, clock } = standsStill(implementation);
      clock.passes(40_000);
      demand(connection.status !== 'open', 'I11', () => 'a silent server passes for alive');
    },
  },
  {
    name: 'a clock that stands still drops no server that speaks',
    holds(implementation) {
      const { connection, server, clock } = standsStill(implementation);
      for (let beat = 0; beat < 10; beat += 1) {
        clock.passes(9_500);
        server.sends(HEARTBEAT);
        demand(
          connection.status === 'open',
          'liveness',
          () => `after beat ${beat} it is ${connection.status}`,
        );
      }
    },
  },
  {
    name: 'a broken clock is told once',
    holds(implementation) {
      const told = begin(implementation, {
        clock: {
          now: () => 0,
          setTimeout: () => {
            throw new Error('mine');
          },
          clearTimeout() {},
        },
      });
      told.connection.connect({ userId: 'ada' });
      told.server.accepts();
      told.connection.dispose();
      const count = reportCount(told, 'clock-failed');
      demand(count === 1, 'errors', () => `told ${count} times`);
    },
  },
  {
    name: 'a slow heartbeat is learnt',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      server.sends(HEARTBEAT);
      for (let beat = 0; beat < 10; beat += 1) {
        clock.passes(30_000);
        server.sends(HEARTBEAT);
        demand(
          connection.status === 'open',
          'liveness',
          () => `after beat ${beat} it is ${connection.status}`,
        );
      }
      clock.passes(30_000 * 1.25 + 6_000);
      demand(connection.status !== 'open', 'I11', () => 'a silent server passes for alive');
    },
  },
  {
    name: 'a server that beats in pairs is not dropped for ever',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      let lossCount = 0;
      for (let pair = 0; pair < 20; pair += 1) {
        if (connection.status === 'connecting') {
          lossCount += 1;
          server.accepts();
        }
        server.sends(HEARTBEAT, HEARTBEAT);
        clock.passes(30_000);
      }
      demand(lossCount <= 2, 'liveness', () => `lost ${lossCount} times`);
    },
  },
  {
    name: 'a ping that nobody replies to is told',
    holds(implementation) {
      const told = beginOpen(implementation, ASKED);
      dies(told);
      const first = reportCount(told, 'ping-unanswered');
      demand(first === 0, 'errors', () => 'one dead link is taken for a deaf server');
      for (let socket = 2; socket < 6; socket += 1) dies(told);
      const count = reportCount(told, 'ping-unanswered');
      demand(count === 1, 'errors', () => `told ${count} times`);
    },
  },
  {
    name: 'a server that has replied is not deaf',
    holds(implementation) {
      const told = beginOpen(implementation, ASKED);
      for (let link = 0; link < 3; link += 1) {
        dies(told);
        told.clock.passes(14_000);
        told.server.sends({ type: 'PONG' });
        dies(told);
      }
      const count = reportCount(told, 'ping-unanswered');
      demand(count === 0, 'errors', () => `told ${count} times`);
    },
  },
  {
    name: 'a ping leaves within its interval',
    holds(implementation) {
      const { server, clock } = beginOpen(implementation, ASKED);
      clock.passes(14_000);
      demand(server.received.length === 1, 'liveness', () => `${server.received.length} pings after 14 s`);
    },
  },
  {
    name: 'an idle timeout is told once',
    holds(implementation) {
      const told = beginOpen(implementation);
      for (let cut = 0; cut < 8; cut += 1) {
        told.clock.passes(60_000);
        told.server.closes(1000);
        demand(told.connection.status === 'connecting', 'policy', () => `it is ${told.connection.status}`);
        told.server.accepts();
      }
      const count = reportCount(told, 'idle-timeout');
      demand(count === 1, 'errors', () => `told ${count} times`);
    },
  },
  {
    name: 'the app is told why a handshake failed',
    holds(implementation) {
      const asked: unknown[] = [];
      const { connection, server } = begin(implementation, {
        classifyClose: ({ failure }) => {
          asked.push(failure?.httpStatus);
          return undefined;
        },
      });
      connection.connect({ userId: 'ada' });
      server.latest.onerror?.({ message: 'Unexpected server response: 503' } as never);
      server.closes(1006);
      demand(asked[0] === 503, 'policy', () => `told ${asked}`);
    },
  },
];
