import { demand } from '../implementation.ts';
import { begin, beginOpen, type Story } from './story.ts';

const closing = { type: 'CLOSING', ext: 'statesocket', code: 1013 };

/** What a server says of its close counts where the platform hides it; and a browser that holds a dial back has its time. */
export const engineStories: readonly Story[] = [
  {
    name: 'the advice of a busy server is kept where the platform hides its code',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation, { backoff: () => 0 });
      server.sends(closing);
      server.closes(1006);
      clock.passes(9_000);
      demand(server.sockets.length === 1, 'policy', () => 'a busy server is dialled before its 10 s');
      demand(connection.status === 'backoff', 'policy', () => `it is ${connection.status}`);
    },
  },
  {
    name: 'a close that was announced and does not come is not waited for',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      server.sends(closing);
      clock.passes(1_500);
      demand(connection.status === 'backoff', 'I11', () => `it is ${connection.status}`);
      demand(server.live.length === 0, 'I1', () => 'the socket is open');
    },
  },
  {
    name: 'a logout ends the wait for a close that was announced',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      server.sends(closing);
      connection.logout();
      // That of the refund.
      demand(clock.timerCount === 1, 'I10', () => `${clock.timerCount} timers are left`);
    },
  },
  {
    name: 'a dial after many refusals is given the time that a browser may hold it back',
    holds(implementation) {
      const { connection, server, clock } = begin(implementation, { backoff: () => 100 });
      connection.connect({ userId: 'ada' });
      for (let count = 0; count < 9; count += 1) {
        server.refuses();
        clock.passes(100);
      }
      clock.passes(10_000);
      demand(connection.status === 'connecting', 'policy', () => `it is ${connection.status}`);
    },
  },
];
