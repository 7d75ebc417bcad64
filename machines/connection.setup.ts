import { and, assign, fromCallback, not, raise, sendTo, setup, stateIn } from 'xstate';
import { MAX_DELAY_MS } from '../src/lib/backoff.ts';
import { verdictOf } from './close-verdict.ts';
import type { ConnectionContext, TokenReason } from './connection.context.ts';
import type {
  ConnectionEnd,
  ConnectionEvent,
  SignalEvent,
  SocketEvent,
  SocketRequest,
} from './connection.events.ts';
import {
  CONNECT_BUDGET_COUNT,
  CONNECT_BUDGET_WINDOW_MS,
  type ConnectionSettings,
  DOUBT_COUNT,
  OFFLINE_PROBE_MS,
  SIGNAL_PROBE_TIMEOUT_MS,
  SUSPENDED_LIMIT_MS,
} from './connection.settings.ts';
import type { ConnectionFailure, ConnectionStatus } from './connection-status.ts';

/** What the socket actor is told: whose token to ask for, and why. */
export interface SocketInput {
  readonly userId: string;
  readonly reason: TokenReason;
}

const ended = (cause: ConnectionEnd['cause']): ConnectionEnd => ({
  cause,
  code: null,
  reason: null,
  wasClean: null,
});

const judge = (context: ConnectionContext, event: ConnectionEvent, wasStable: boolean) => {
  if (event.type !== 'socket.closed') return {};
  const { code, reason, wasClean, minDelayMs } = event;
  const close = { code, reason, wasClean };
  const verdict = verdictOf(close, wasStable, context.settings.classifyClose, minDelayMs);
  return { verdict, minDelayMs: verdict.minDelayMs, lastEnd: { cause: 'closed' as const, ...close } };
};

/** The vocabulary of the chart: every guard, delay, action and actor that connection.machine.ts refers to by name. */
export const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as Partial<ConnectionSettings> | undefined,
    tags: {} as ConnectionStatus | ConnectionFailure,
    // Named one by one: inferred, they get an index signature that TypeScript refuses in the declarations.
    children: {} as { signals: 'signals'; socket: 'socket'; wake: 'wake' },
  },
  actors: {
    /** Asks for the token and the URL, dials, and reports what happens. Provided by `createConnection`; here it stays silent. */
    socket: fromCallback<SocketRequest, SocketInput, SocketEvent>(() => {}),
    /** Reports what the page and the network do. Provided by `createConnection`; here it stays silent. */
    signals: fromCallback<{ type: never }, undefined, SignalEvent>(() => {}),
    /** Reports that the machine slept. Provided by `createConnection`; here it stays silent. */
    wake: fromCallback<{ type: never }, undefined, SignalEvent>(() => {}),
  },
  guards: {
    isSameUser: ({ context, event }) => event.type === 'user.connect' && event.userId === context.userId,
    hasConnectBudget: ({ context }) => context.connectBudget > 0,
    hasRetriesLeft: ({ context }) => context.retryCount < context.settings.maxRetries,
    isStableAtOnce: ({ context }) => context.settings.stableAfterMs === 0,
    isOffline: ({ context }) => !context.online,
    isOnline: not('isOffline'),
    isAdvised: ({ context }) => context.minDelayMs > 0,
    isUnadvised: not('isAdvised'),
    canAsk: ({ context }) => context.canAsk,
    hadFreshToken: ({ context }) => context.tokenReason === 'refresh',
    saysReject: ({ context }) => context.verdict.then === 'reject',
    saysRefresh: ({ context }) => context.verdict.then === 'refresh',
    saysRedial: ({ context }) => context.verdict.then === 'redial',
    saysSpread: ({ context }) => context.verdict.spreads && (context.settings.backoff.spreadMs ?? 0) > 0,
    isStable: stateIn('#stable'),
    wasRefusedThoughFresh: and(['saysRefresh', 'hadFreshToken']),
    mayRefreshLater: and(['saysRefresh', 'isAdvised']),
    maySpread: and(['saysRedial', 'hasRetriesLeft', 'saysSpread']),
    mayRedialAtOnce: and(['saysRedial', 'hasRetriesLeft']),
    mayReplaceAtOnce: and(['isStable', 'hasRetriesLeft', 'isOnline']),
    isOfAnotherVersion: ({ event }) => event.type === 'link.broken' && event.why === 'version',
  },
  delays: {
    connectDeadline: ({ context }) => context.settings.connectTimeoutMs,
    stableDelay: ({ context }) => context.settings.stableAfterMs,
    retryDelay: ({ context }) => context.plannedRetry.delayMs,
    spreadDelay: ({ context }) => context.plannedRetry.delayMs,
    refundDelay: ({ context }) =>
      Math.min(MAX_DELAY_MS, CONNECT_BUDGET_WINDOW_MS + context.settings.connectTimeoutMs),
    offlineProbeDelay: ({ context }) => Math.max(OFFLINE_PROBE_MS, context.minDelayMs),
    suspendedLimit: SUSPENDED_LIMIT_MS,
  },
  actions: {
    startAfresh: assign(({ context, event }) => ({
      userId: event.type === 'user.connect' ? event.userId : context.userId,
      retryCount: 0,
      doubtCount: 0,
      nextTokenReason: 'connect' as const,
      lastEnd: null,
    })),
    forgetUser: assign({ userId: null }),
    resetRetryCount: assign({ retryCount: 0 }),
    // It was accepted for long enough: when it is refused later, it has expired.
    trustToken: assign({ tokenReason: 'connect' }),
    endDoubt: assign({ doubtCount: 0 }),
    // An advised wait may follow the last retry, after offline or suspended: the count is full and stays so.
    countRetry: assign({
      retryCount: ({ context }) => Math.min(context.settings.maxRetries, context.retryCount + 1),
    }),
    planRetry: assign({
      plannedRetry: ({ context: { settings, retryCount, minDelayMs } }) => ({
        delayMs: Math.max(minDelayMs, settings.backoff(retryCount + 1, settings.random)),
      }),
    }),
    planSpread: assign({
      plannedRetry: ({ context: { settings } }) => ({
        delayMs: settings.random() * (settings.backoff.spreadMs ?? 0),
      }),
    }),
    beginAttempt: assign(({ context }) => ({
      connectBudget: context.connectBudget - 1,
      tokenReason: context.nextTokenReason,
      nextTokenReason: 'connect' as const,
      canAsk: false,
    })),
    endAdvice: assign({ minDelayMs: 0 }),
    refundConnectBudgetLater: raise({ type: 'budget.refunded' }, { delay: 'refundDelay' }),
    // One that is fired by hand must not add to the ten.
    refundConnectBudget: assign({
      connectBudget: ({ context }) => Math.min(CONNECT_BUDGET_COUNT, context.connectBudget + 1),
    }),
    noteOnline: assign({ online: true }),
    noteOffline: assign({ online: false }),
    judgeClose: assign(({ context, event }) => judge(context, event, false)),
    judgeStableClose: assign(({ context, event }) => judge(context, event, true)),
    doubtToken: assign({
      doubtCount: ({ context }) => context.doubtCount + (context.online ? 1 : 0),
    }),
    askForFreshToken: assign({ nextTokenReason: 'refresh' }),
    askForFreshTokenInDoubt: assign(({ context }) =>
      context.doubtCount < DOUBT_COUNT ? {} : { nextTokenReason: 'refresh' as const, doubtCount: 0 },
    ),
    noteDeadline: assign(() => ({ lastEnd: ended('deadline') })),
    noteFailedAttempt: assign(({ event }) =>
      event.type === 'attempt.failed' ? { lastEnd: ended(event.cause) } : {},
    ),
    noteImpossible: assign(() => ({ lastEnd: ended('impossible') })),
    noteSilence: assign(() => ({ lastEnd: ended('silent') })),
    noteStuck: assign(() => ({ lastEnd: ended('stuck') })),
    noteBrokenLink: assign(({ event }) =>
      event.type === 'link.broken'
        ? { lastEnd: ended(event.why === 'unanswered' ? 'silent' : 'protocol') }
        : {},
    ),
    noteSuspended: assign(() => ({ lastEnd: ended('suspended') })),
    noteCanAsk: assign(({ event }) => (event.type === 'heartbeat.armed' ? { canAsk: event.canAsk } : {})),
    probe: sendTo('socket', ({ context }) => ({
      type: 'probe' as const,
      withinMs: context.settings.probeTimeoutMs,
    })),
    probeSoon: sendTo('socket', { type: 'probe' as const, withinMs: SIGNAL_PROBE_TIMEOUT_MS }),
  },
});
