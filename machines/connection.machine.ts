/**
 * The life of one connection, as a document. The chart decides; actors do. Messages never pass through here.
 *
 * What holds, under any events (tests name these):
 * - I1  A socket exists exactly while `socket` is active. Leaving it is the one way to end a socket.
 * - I8  At most 10 sockets are dialled within 60 s.
 * - I9  The retry count is set to 0 only by `stable`, `user.connect` and `user.retry` from `failed`.
 * - I11 `failed` is entered only when retries are used up, the server refused the token, or no socket can be made.
 *       Connecting and backoff have a bounded exit; idle, loggedOut and failed end by a wish.
 * - I13 The chart knows the user and never the token.
 */
import {
  type ActorRefFrom,
  and,
  assign,
  fromCallback,
  raise,
  type SnapshotFrom,
  setup,
  stateIn,
} from 'xstate';
import { MAX_DELAY_MS } from '../src/lib/backoff.ts';
import { isRejection } from '../src/protocol/close-codes.ts';
import type { ConnectionEnd, ConnectionEvent } from './connection.events.ts';
import {
  CONNECT_BUDGET_COUNT,
  CONNECT_BUDGET_WINDOW_MS,
  type ConnectionSettings,
  DEFAULT_SETTINGS,
} from './connection.settings.ts';
import type { ConnectionFailure, ConnectionStatus } from './connection-status.ts';

/** What the chart remembers. */
export interface ConnectionContext {
  readonly settings: ConnectionSettings;
  /** Whose connection this is; null when nobody wants one. */
  readonly userId: string | null;
  /** Scheduled retries since the connection was last stable. Retries by a person are not counted. */
  readonly retryCount: number;
  /** The scheduled retry that is being waited for; a new object for each wait. */
  readonly plannedRetry: { readonly delayMs: number };
  /** Sockets that may still be dialled, see {@link CONNECT_BUDGET_COUNT}. */
  readonly connectBudget: number;
  readonly lastEnd: ConnectionEnd | null;
}

/** What the socket actor is told: whose token to ask for, and why. */
export interface SocketInput {
  readonly userId: string;
  readonly reason: 'connect' | 'refresh';
}

const ended = (cause: ConnectionEnd['cause']): ConnectionEnd => ({
  cause,
  code: null,
  reason: null,
  wasClean: null,
});

const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as Partial<ConnectionSettings> | undefined,
    tags: {} as ConnectionStatus | ConnectionFailure,
  },
  actors: {
    /** Asks for the token and the URL, dials, and reports what happens. Provided by `createConnection`; here it stays silent. */
    socket: fromCallback<ConnectionEvent, SocketInput>(() => {}),
  },
  guards: {
    isSameUser: ({ context, event }) => event.type === 'user.connect' && event.userId === context.userId,
    hasConnectBudget: ({ context }) => context.connectBudget > 0,
    hasRetriesLeft: ({ context }) => context.retryCount < context.settings.maxRetries,
    isStableAtOnce: ({ context }) => context.settings.stableAfterMs === 0,
    isStable: stateIn('#stable'),
    wasClean: ({ event }) => event.type === 'socket.closed' && event.wasClean,
    wasRejected: ({ event }) => event.type === 'socket.closed' && isRejection(event.code),
    mayRedialAtOnce: and(['wasClean', 'isStable', 'hasRetriesLeft']),
  },
  delays: {
    connectDeadline: ({ context }) => context.settings.connectTimeoutMs,
    stableDelay: ({ context }) => context.settings.stableAfterMs,
    retryDelay: ({ context }) => context.plannedRetry.delayMs,
    refundDelay: ({ context }) =>
      Math.min(MAX_DELAY_MS, CONNECT_BUDGET_WINDOW_MS + context.settings.connectTimeoutMs),
  },
  actions: {
    adoptUser: assign(({ context, event }) =>
      event.type === 'user.connect' ? { userId: event.userId, lastEnd: null } : { userId: context.userId },
    ),
    forgetUser: assign({ userId: null }),
    resetRetryCount: assign({ retryCount: 0 }),
    countRetry: assign({ retryCount: ({ context }) => context.retryCount + 1 }),
    planRetry: assign({
      plannedRetry: ({ context: { settings, retryCount } }) => ({
        delayMs: settings.backoff(retryCount + 1, settings.random),
      }),
    }),
    spendConnectBudget: assign({ connectBudget: ({ context }) => context.connectBudget - 1 }),
    refundConnectBudgetLater: raise({ type: 'budget.refunded' }, { delay: 'refundDelay' }),
    refundConnectBudget: assign({ connectBudget: ({ context }) => context.connectBudget + 1 }),
    noteClose: assign(({ event }) => {
      if (event.type !== 'socket.closed') return {};
      const { code, reason, wasClean } = event;
      return { lastEnd: { cause: 'closed' as const, code, reason, wasClean } };
    }),
    noteDeadline: assign({ lastEnd: ended('deadline') }),
    noteFailedAttempt: assign(({ event }) =>
      event.type === 'attempt.failed' ? { lastEnd: ended(event.cause) } : {},
    ),
    noteImpossible: assign({ lastEnd: ended('impossible') }),
  },
});

/**
 * The statechart of a connection. `createConnection` runs it with a real socket actor; on its own it needs none, so
 * its whole policy can be tried by firing events.
 *
 * @example
 * const actor = createActor(connectionMachine, { input: { maxRetries: 3 } }).start();
 * actor.send({ type: 'user.connect', userId: 'ada' });
 * actor.send({ type: 'socket.opened' });
 * actor.getSnapshot().hasTag('open'); // true
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  description: 'The WebSocket connection of one user.',
  context: ({ input }) => ({
    settings: { ...DEFAULT_SETTINGS, ...input },
    userId: null,
    retryCount: 0,
    plannedRetry: { delayMs: 0 },
    connectBudget: CONNECT_BUDGET_COUNT,
    lastEnd: null,
  }),
  initial: 'idle',
  on: {
    'user.connect': [
      { guard: 'isSameUser', description: 'The connection this user asks for is already on its way.' },
      {
        target: '.dialling',
        actions: ['adoptUser', 'resetRetryCount'],
        description: 'Another user starts afresh.',
      },
    ],
    'user.disconnect': { target: '.idle', actions: 'forgetUser' },
    'user.logout': { target: '.loggedOut', actions: 'forgetUser' },
    'budget.refunded': { actions: 'refundConnectBudget' },
  },
  states: {
    idle: {
      tags: 'idle',
      description: 'Nobody is logged in, or disconnect() was called. Nothing is dialled.',
    },

    loggedOut: {
      tags: 'loggedOut',
      description: 'The user has logged out. Nothing reconnects; only connect() leaves.',
      on: {
        'user.disconnect': {
          description: 'A late disconnect, as of a provider that unmounts, changes nothing.',
        },
      },
    },

    dialling: {
      tags: 'connecting',
      description: 'Passed within one step: may a socket be dialled now?',
      always: [{ guard: 'hasConnectBudget', target: 'socket' }, { target: 'backoff.throttled' }],
    },

    socket: {
      description: 'A socket, or the attempt to get one, exists exactly while this state is active.',
      entry: ['spendConnectBudget', 'refundConnectBudgetLater'],
      invoke: {
        src: 'socket',
        id: 'socket',
        input: ({ context }) => ({ userId: context.userId ?? '', reason: 'connect' as const }),
      },
      on: {
        'socket.closed': [
          { guard: 'wasRejected', target: 'failed.rejected', actions: 'noteClose' },
          { guard: 'mayRedialAtOnce', target: 'dialling', actions: 'noteClose' },
          { target: 'lost', actions: 'noteClose' },
        ],
      },
      initial: 'connecting',
      states: {
        connecting: {
          tags: 'connecting',
          description: 'Token, URL and handshake, all under one deadline.',
          after: { connectDeadline: { target: '#connection.lost', actions: 'noteDeadline' } },
          on: {
            'socket.opened': { target: 'open' },
            'token.missing': {
              target: '#connection.idle',
              actions: 'forgetUser',
              description: 'Nobody is signed in: nothing was dialled.',
            },
            'attempt.failed': { target: '#connection.lost', actions: 'noteFailedAttempt' },
            'socket.impossible': { target: '#connection.failed.misconfigured', actions: 'noteImpossible' },
          },
        },
        open: {
          tags: 'open',
          description: 'Messages flow, straight from the socket to the listeners.',
          initial: 'settling',
          states: {
            settling: {
              description: 'Open, but it may be the first second of a server that dies again.',
              always: { guard: 'isStableAtOnce', target: 'stable' },
              after: { stableDelay: { target: 'stable' } },
            },
            stable: {
              id: 'stable',
              description: 'Open long enough to call the connection recovered.',
              entry: 'resetRetryCount',
            },
          },
        },
      },
    },

    lost: {
      tags: 'backoff',
      description: 'Passed within one step: is another retry allowed?',
      always: [{ guard: 'hasRetriesLeft', target: 'backoff.waiting' }, { target: 'failed.exhausted' }],
    },

    backoff: {
      tags: 'backoff',
      description: 'No socket. The next attempt comes by itself.',
      on: {
        'user.retry': { target: 'dialling', description: 'A person dials now; the count stays.' },
      },
      initial: 'waiting',
      states: {
        waiting: {
          description: 'The delay of the backoff policy runs.',
          entry: 'planRetry',
          after: { retryDelay: { target: '#connection.dialling', actions: 'countRetry' } },
        },
        throttled: {
          description: 'The connect budget is spent; the next refund dials.',
          on: {
            'budget.refunded': { target: '#connection.dialling', actions: 'refundConnectBudget' },
          },
        },
      },
    },

    failed: {
      tags: 'failed',
      description: 'Given up, and said so. retry() or connect(), by the same user too, starts afresh.',
      on: {
        'user.retry': { target: 'dialling', actions: 'resetRetryCount' },
        'user.connect': { target: 'dialling', actions: ['adoptUser', 'resetRetryCount'] },
      },
      initial: 'exhausted',
      states: {
        exhausted: { tags: 'exhausted', description: 'All retries were used up.' },
        rejected: { tags: 'rejected', description: 'The server refused the token.' },
        misconfigured: { tags: 'misconfigured', description: 'No socket can be made from this URL here.' },
      },
    },
  },
});

/** The running chart of a connection. */
export type ConnectionActor = ActorRefFrom<typeof connectionMachine>;
/** A snapshot of the chart, as XState gives it. */
export type ConnectionChartSnapshot = SnapshotFrom<typeof connectionMachine>;
