/**
 * The life of one connection, as a document. The chart decides; actors do. Messages never pass through here. Two states have a file
 * of their own: connection.open.state.ts and connection.backoff.state.ts. Guards, delays and actions are named in connection.setup.ts,
 * constants in connection.settings.ts, the close table in src/protocol/close-codes.ts.
 *
 * What holds, under any events (tests name these):
 * - I1  A socket exists exactly while `socket` is active. Leaving it is the one way to end a socket.
 * - I8  At most 10 sockets are dialled within 60 s.
 * - I9  The retry count is set to 0 only by `stable`, `user.connect`, `user.retry` from `failed`, and on leaving `suspended`.
 *       A server that left the probes of its last sockets unanswered is stable once it has replied to one.
 * - I11 `failed` is entered only when retries are used up, the server refused, or no socket can be made. Connecting,
 *       probing and backoff have a bounded exit; idle, loggedOut and failed end by a wish. Nothing leaves `disposed`.
 * - I13 The chart knows the user and never the token.
 * - I18 No clock is read: delays are timers, silence is measured by the actor on a monotonic clock.
 */
import type { ActorRefFrom, SnapshotFrom } from 'xstate';
import { backoffState } from './connection.backoff.state.ts';
import { initialContext } from './connection.context.ts';
import { openState } from './connection.open.state.ts';
import { connectionSetup } from './connection.setup.ts';

/**
 * The statechart of a connection. `createConnection` runs it with real actors; on its own it needs none: fire events.
 * @example
 * const actor = createActor(connectionMachine, { input: { maxRetries: 3 } }).start();
 * actor.send({ type: 'user.connect', userId: 'ada' });
 * actor.send({ type: 'socket.opened' });
 * actor.getSnapshot().hasTag('open'); // true
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  description: 'The WebSocket connection of one user.',
  context: ({ input }) => initialContext(input),
  invoke: [
    { src: 'signals', id: 'signals' },
    { src: 'delivery', id: 'delivery' },
  ],
  initial: 'idle',
  on: {
    'user.connect': [
      { guard: 'isSameUser', description: 'The connection this user asks for is already on its way.' },
      { target: '.dialling', actions: 'startAfresh', description: 'Another user starts afresh.' },
    ],
    'user.disconnect': { target: '.idle', actions: 'forgetUser' },
    'user.logout': { target: '.loggedOut', actions: 'forgetUser' },
    'user.dispose': { target: '.disposed', actions: 'forgetUser' },
    'budget.refunded': { actions: 'refundConnectBudget' },
    'network.lost': { actions: 'noteOffline' },
    'network.restored': { actions: 'noteOnline' },
  },
  states: {
    idle: {
      tags: 'idle',
      description: 'Nobody is logged in, or disconnect() was called. Nothing is dialled.',
    },

    loggedOut: {
      tags: 'loggedOut',
      description: 'The user has logged out. Nothing reconnects; only connect() leaves.',
      on: { 'user.disconnect': { description: 'A late one, of a provider that unmounts, changes nothing.' } },
    },

    dialling: {
      tags: 'connecting',
      description: 'Passed within one step: may a socket be dialled now?',
      entry: 'endAdvice',
      always: [{ guard: 'hasConnectBudget', target: 'socket' }, { target: 'backoff.throttled' }],
    },

    socket: {
      description: 'A socket, or the attempt to get one, exists exactly while this state is active.',
      entry: ['beginAttempt', 'refundConnectBudgetLater'],
      invoke: {
        src: 'socket',
        id: 'socket',
        input: ({ context }) => ({ userId: context.userId ?? '', reason: context.tokenReason }),
      },
      on: {
        'socket.closed': { target: 'closed', actions: 'judgeClose' },
        'page.suspended': { target: 'backoff.suspended', actions: 'noteSuspended' },
      },
      initial: 'connecting',
      states: {
        connecting: {
          tags: 'connecting',
          description: 'Token, URL and handshake, all under one deadline.',
          after: { connectDeadline: { target: '#connection.lost', actions: 'noteDeadline' } },
          on: {
            'dial.held': { target: 'held' },
            'socket.opened': { target: 'open', actions: 'noteOpened' },
            'socket.closed': {
              target: '#connection.closed',
              actions: ['judgeClose', 'doubtToken'],
              description: 'A browser shows a refused token (HTTP 401) as 1006: the token is doubted.',
            },
            'token.missing': [
              { guard: 'hadFreshToken', target: '#connection.failed.rejected' },
              {
                target: '#connection.idle',
                actions: 'forgetUser',
                description: 'Nobody is signed in: nothing was dialled.',
              },
            ],
            'attempt.failed': { target: '#connection.lost', actions: 'noteFailedAttempt' },
            'socket.impossible': { target: '#connection.failed.misconfigured', actions: 'noteImpossible' },
          },
        },
        held: {
          tags: 'connecting',
          description: 'The browser may hold the handshake back, as others failed: it has as much longer.',
          after: { heldDeadline: { target: '#connection.lost', actions: 'noteDeadline' } },
          on: {
            'socket.opened': { target: 'open', actions: 'noteOpened' },
            'socket.closed': { target: '#connection.closed', actions: ['judgeClose', 'doubtToken'] },
            'user.retry': { target: '#connection.dialling', description: 'A person need not wait for it.' },
          },
        },
        open: openState,
      },
    },

    closed: {
      tags: 'backoff',
      description: 'Passed within one step: what does this close mean? The first line that fits decides.',
      entry: 'endMuteness',
      always: [
        { guard: 'saysReject', target: 'failed.rejected' },
        { guard: 'wasRefusedThoughFresh', target: 'failed.rejected' },
        { guard: 'mayRefreshLater', target: 'lost', actions: 'askForFreshToken' },
        { guard: 'saysRefresh', target: 'dialling', actions: 'askForFreshToken' },
        { guard: 'maySpread', target: 'backoff.spreading' },
        { guard: 'mayRedialAtOnce', target: 'dialling' },
        { target: 'lost' },
      ],
    },

    lost: {
      tags: 'backoff',
      description: 'Passed within one step: is another retry allowed?',
      always: [
        { guard: 'mustWaitAsAdvised', target: 'backoff.advised' },
        {
          guard: 'isOffline',
          target: 'backoff.offline',
          description: 'An attempt has failed under the hint. After an open socket it is tried first.',
        },
        { guard: 'hasRetriesLeft', target: 'backoff.waiting' },
        { target: 'failed.exhausted' },
      ],
    },

    backoff: backoffState,

    failed: {
      tags: 'failed',
      description: 'Given up, and said so. retry() or connect(), by the same user too, starts again.',
      on: {
        'user.retry': { target: 'dialling', actions: 'startAgain' },
        'user.connect': {
          guard: 'isSameUser',
          target: 'dialling',
          actions: 'startAgain',
          description: 'Another user starts afresh, as everywhere.',
        },
      },
      initial: 'exhausted',
      states: {
        exhausted: { tags: 'exhausted', description: 'All retries were used up.' },
        rejected: {
          tags: 'rejected',
          description: 'The server refused token, user or protocol. Who tries again needs a fresh token.',
          entry: 'askForFreshToken',
        },
        misconfigured: {
          tags: 'misconfigured',
          description: 'No socket can be made from this URL here, or the server speaks another version.',
        },
      },
    },

    disposed: {
      type: 'final',
      tags: 'idle',
      description: 'dispose() was called. Nothing is left, and nothing leads on.',
    },
  },
});

/** The running chart of a connection. */
export type ConnectionActor = ActorRefFrom<typeof connectionMachine>;
/** A snapshot of it, as XState gives it. */
export type ConnectionChartSnapshot = SnapshotFrom<typeof connectionMachine>;
