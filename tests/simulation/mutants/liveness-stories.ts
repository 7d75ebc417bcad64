import { demand } from '../implementation.ts';
import { beginOpen, type Story } from './story.ts';

const ping = (): string => '{"type":"PING"}';
const ASKED = { heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping } };
const UNASKED = { heartbeat: { intervalMs: 14_000, timeoutMs: 5_000 } };
/** When a silent server that can be asked has been given up: interval, slack, probe. */
const FOUND_MS = 20_000;

/** How the silence of a server is judged, and sleep with it. */
export const livenessStories: readonly Story[] = [
  {
    name: 'a probe whose timer was late is sent again',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation, ASKED);
      clock.passes(15_000);
      demand(server.received.length === 1, 'I11', () => `${server.received.length} probes after silence`);
      clock.sleeps(60_000);
      demand(connection.status === 'open', 'liveness', () => `sleep makes it ${connection.status}`);
      demand(server.received.length > 1, 'liveness', () => 'the probe is not sent again');
      clock.passes(5_000);
      demand(connection.status !== 'open', 'I11', () => 'a server that does not answer passes for alive');
    },
  },
  {
    name: 'a silence that was measured asleep does not count',
    holds(implementation) {
      const { connection, clock } = beginOpen(implementation, UNASKED);
      clock.sleeps(60_000);
      demand(connection.status === 'open', 'liveness', () => `sleep makes it ${connection.status}`);
      clock.passes(FOUND_MS);
      demand(connection.status !== 'open', 'I11', () => 'a silent server passes for alive');
    },
  },
  {
    name: 'signals that keep coming do not keep a dead socket',
    holds(implementation) {
      const { connection, page, clock } = beginOpen(implementation, ASKED);
      for (let second = 0; second < 4; second += 1) {
        page.isShown();
        clock.passes(1_000);
      }
      demand(connection.status !== 'open', 'I11', () => 'a probe has more than 3 s');
    },
  },
  {
    name: 'a server that replied once is watched on',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation, ASKED);
      clock.passes(15_000);
      server.sends({ type: 'HEARTBEAT' });
      clock.passes(FOUND_MS);
      demand(connection.status !== 'open', 'I11', () => 'a half-open socket is not found');
    },
  },
  {
    name: 'each sleep is noticed',
    holds(implementation) {
      const heartbeat = { intervalMs: 60_000, timeoutMs: 5_000, ping };
      const { server, clock } = beginOpen(implementation, { heartbeat });
      for (const sleepCount of [1, 2, 3]) {
        clock.passes(59_000);
        server.sends({ type: 'HEARTBEAT' });
        clock.sleeps(10_000);
        const { length } = server.received;
        demand(length === sleepCount, 'liveness', () => `${length} probes after ${sleepCount} sleeps`);
        server.sends({ type: 'HEARTBEAT' });
      }
    },
  },
  {
    name: 'disconnect leaves a refund and nothing else',
    holds(implementation) {
      const { connection, clock } = beginOpen(implementation, ASKED);
      connection.disconnect();
      demand(clock.timerCount === 1, 'I10', () => `${clock.timerCount} timers wait after disconnect`);
      connection.dispose();
      demand(clock.timerCount === 0, 'I10', () => `${clock.timerCount} timers wait after dispose`);
    },
  },
];
