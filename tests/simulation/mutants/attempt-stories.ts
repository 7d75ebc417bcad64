import { createVirtualClock } from 'statesocket/testing';
import { demand } from '../implementation.ts';
import { begin, promisesSettle, type Story } from './story.ts';

/** What may become of an attempt, and of what the app is asked for it. */
export const attemptStories: readonly Story[] = [
  {
    name: 'a switch of users ends what was asked for the former one',
    async holds(implementation) {
      const tokens = new Map<string, (token: string) => void>();
      const urls = new Map<string, (url: string) => void>();
      const signals: AbortSignal[] = [];
      const { connection, server } = begin(implementation, {
        getToken: ({ userId, signal }) => {
          signals.push(signal);
          return new Promise((resolve) => tokens.set(userId, resolve));
        },
        url: ({ userId }) => new Promise((resolve) => urls.set(userId, resolve)),
      });
      connection.connect({ userId: 'ada' });
      connection.connect({ userId: 'ben' });
      demand(signals[0]?.aborted === true, 'I14', () => "ada's token request goes on");
      tokens.get('ada')?.('ada-token');
      tokens.get('ben')?.('ben-token');
      await promisesSettle();
      demand([...urls.keys()].join() === 'ben', 'I14', () => `a URL is made for ${[...urls.keys()]}`);
      connection.connect({ userId: 'cyd' });
      urls.get('ben')?.('wss://server.test/ben/');
      await promisesSettle();
      demand(server.sockets.length === 0, 'I1', () => "ben's socket is dialled for cyd");
    },
  },
  {
    name: 'an answer that waits behind a switch of users acts for nobody',
    holds(implementation) {
      const { connection, server } = begin(implementation, {
        getToken({ userId }) {
          if (userId === 'ben') return 'ben-token';
          // A wish by connect() would end ada's attempt at once; one on the actor waits.
          connection.actor.send({ type: 'user.connect', userId: 'ben' });
          return null;
        },
      });
      connection.connect({ userId: 'ada' });
      demand(connection.userId === 'ben', 'I1', () => `connected is ${connection.userId}`);
      demand(server.live.length === 1, 'I1', () => `${server.live.length} sockets live`);
    },
  },
  {
    name: 'no socket is made after the deadline of its attempt',
    async holds(implementation) {
      const virtual = createVirtualClock();
      let sleptMs = 0;
      let answer = (_: string): void => {};
      const { connection, server } = begin(implementation, {
        clock: { ...virtual, now: () => virtual.now() + sleptMs },
        getToken: () => new Promise((resolve) => (answer = resolve)),
      });
      connection.connect({ userId: 'ada' });
      sleptMs = 60_000;
      answer('token');
      await promisesSettle();
      demand(server.sockets.length === 0, 'I8', () => 'dialled when its place in the budget may be taken');
      virtual.passes(10_000);
      demand(connection.status === 'backoff', 'I11', () => `after its deadline it is ${connection.status}`);
    },
  },
  {
    name: 'refunds that are fired by hand buy nothing',
    holds(implementation) {
      const { connection, server } = begin(implementation);
      for (let refund = 0; refund < 3; refund += 1) connection.actor.send({ type: 'budget.refunded' });
      for (let userId = 1; userId <= 12; userId += 1) connection.connect({ userId });
      demand(server.sockets.length === 10, 'I8', () => `${server.sockets.length} sockets at once`);
    },
  },
  {
    name: 'a backoff that returns nonsense is bounded',
    holds(implementation) {
      const nextRetryAt = (backoff?: () => number): number | null => {
        const { connection, server } = begin(implementation, backoff === undefined ? {} : { backoff });
        connection.connect({ userId: 'ada' });
        server.refuses();
        return connection.getSnapshot().nextRetryAt;
      };
      const longest = nextRetryAt(() => Number.POSITIVE_INFINITY);
      demand(longest === 2 ** 31 - 1, 'I11', () => `Infinity waits ${longest} ms`);
      const byDefault = nextRetryAt();
      const instead = nextRetryAt(() => Number.NaN);
      demand(instead === byDefault, 'I11', () => `NaN waits ${instead} ms instead of ${byDefault}`);
    },
  },
];
