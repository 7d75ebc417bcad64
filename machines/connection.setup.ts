import {
  type AnyActorLogic,
  and,
  assign,
  fromCallback,
  not,
  or,
  raise,
  sendTo,
  setup,
  stateIn,
} from 'xstate';
import { clampDelayMs, MAX_DELAY_MS } from '../src/lib/backoff.ts';
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
  LONGEST_HELD_MS,
  MUTE_COUNT,
  OFFLINE_DOUBT,
  OFFLINE_PROBE_MS,
  SIGNAL_PROBE_TIMEOUT_MS,
  SUSPENDED_LIMIT_MS,
} from './connection.settings.ts';
import type { ConnectionFailure, ConnectionStatus } from './connection-status.ts';
import type { ConnectionWait } from './connection-wait.ts';

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
  const { code, reason, wasClean, minDelayMs, failure = null } = event;
  const close = { code, reason, wasClean };
  const verdict = verdictOf({ ...close, failure }, wasStable, context.settings.classifyClose, minDelayMs);
  return {
    verdict,
    minDelayMs: verdict.minDelayMs,
    // A clean close takes a frame of the server: the network is there.
    online: context.online || wasClean,
    lastEnd: { cause: 'closed' as const, ...close },
  };
};

/** How long after it began an attempt is refunded to the connect budget, in ms. */
export const refundDelayMs = ({ connectTimeoutMs }: Pick<ConnectionSettings, 'connectTimeoutMs'>): number =>
  Math.min(MAX_DELAY_MS, CONNECT_BUDGET_WINDOW_MS + connectTimeoutMs);

/** The vocabulary of the chart: every guard, delay, action and actor that connection.machine.ts refers to by name. */
export const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as Partial<ConnectionSettings> | undefined,
    tags: {} as ConnectionStatus | ConnectionFailure | ConnectionWait,
    // Named one by one: inferred, they get an index signature that TypeScript refuses in the declarations.
    children: {} as { signals: 'signals'; delivery: 'delivery'; socket: 'socket'; wake: 'wake' },
  },
  actors: {
    /** Asks for the token and the URL, dials, and reports what happens. Provided by `createConnection`; here it stays silent. */
    socket: fromCallback<SocketRequest, SocketInput, SocketEvent>(() => {}),
    /** Reports what the page and the network do. Provided by `createConnection`; here it stays silent. */
    signals: fromCallback<{ type: never }, undefined, SignalEvent>(() => {}),
    /** How messages are taken: the delivery chart, where the app has brought it. Here, and on a plain connection, it stays silent. */
    delivery: fromCallback(() => {}) as AnyActorLogic,
    /** Reports that the machine slept. Provided by `createConnection`; here it stays silent. */
    wake: fromCallback<{ type: never }, undefined, SignalEvent>(() => {}),
  },
  guards: {
    isSameUser: ({ context, event }) => event.type === 'user.connect' && event.userId === context.userId,
    hasConnectBudget: ({ context }) => context.connectBudget > 0,
    hasRetriesLeft: ({ context }) => context.retryCount < context.settings.maxRetries,
    isStableAtOnce: ({ context }) => context.settings.stableAfterMs === 0,
    saysOffline: ({ context }) => !context.online,
    isOnline: not('saysOffline'),
    hasOpened: ({ context }) => context.hasOpened,
    isAdvised: ({ context }) => context.minDelayMs > 0,
    canAsk: ({ context }) => context.canAsk,
    // Where each socket opens and none replies, the loss counts as if none had opened.
    isMute: ({ context }) => !context.hasAnswered && context.muteCount >= MUTE_COUNT - 1,
    hadFreshToken: ({ context }) => context.tokenReason === 'refresh',
    saysReject: ({ context }) => context.verdict.then === 'reject',
    saysRefresh: ({ context }) => context.verdict.then === 'refresh',
    saysRedial: ({ context }) => context.verdict.then === 'redial',
    saysSpread: ({ context }) => context.verdict.spreads && (context.settings.backoff.spreadMs ?? 0) > 0,
    isStable: stateIn('#stable'),
    wasRefusedThoughFresh: and(['saysRefresh', 'hadFreshToken']),
    isOffline: and(['saysOffline', not(and(['hasOpened', 'hasRetriesLeft']))]),
    mayRefreshLater: and(['saysRefresh', 'isAdvised']),
    mustWaitAsAdvised: and(['isAdvised', or(['hasRetriesLeft', 'saysOffline'])]),
    maySpread: and(['saysRedial', 'hasRetriesLeft', 'saysSpread']),
    mayRedialAtOnce: and(['saysRedial', 'hasRetriesLeft']),
    mayReplaceAtOnce: and(['isStable', 'hasRetriesLeft', 'isOnline']),
    mayReplaceUnlessMute: and(['mayReplaceAtOnce', not('isMute')]),
    isOfAnotherVersion: ({ event }) => event.type === 'link.broken' && event.why === 'version',
  },
  delays: {
    connectDeadline: ({ context }) => context.settings.connectTimeoutMs,
    // Counted from the moment in which the socket was made. Nobody knows whether it is held back at all.
    heldDeadline: ({ context, event }) =>
      clampDelayMs(
        context.settings.connectTimeoutMs +
          (event.type === 'dial.held' ? Math.min(LONGEST_HELD_MS, clampDelayMs(event.upToMs)) : 0),
      ),
    stableDelay: ({ context }) => context.settings.stableAfterMs,
    retryDelay: ({ context }) => context.plannedWait.delayMs,
    spreadDelay: ({ context }) => context.plannedWait.delayMs,
    offlineProbeDelay: ({ context }) => context.plannedWait.delayMs,
    suspendedLimit: ({ context }) => context.plannedWait.delayMs,
    refundDelay: ({ context }) => refundDelayMs(context.settings),
  },
  actions: {
    startAfresh: assign(({ context, event }) => ({
      userId: event.type === 'user.connect' ? event.userId : context.userId,
      retryCount: 0,
      muteCount: 0,
      doubtCount: 0,
      nextTokenReason: 'connect' as const,
      lastEnd: null,
    })),
    // What is known of the user's token outlives the failure.
    startAgain: assign({ retryCount: 0, muteCount: 0, lastEnd: null }),
    forgetUser: assign({ userId: null }),
    resetRetryCount: assign({ retryCount: 0 }),
    // A server that leaves each socket's probes unanswered is not back, however long it lets them be open.
    endRetries: assign(({ context }) => (context.muteCount < MUTE_COUNT ? { retryCount: 0 } : {})),
    // It was accepted for long enough: when it is refused later, it has expired.
    trustToken: assign({ tokenReason: 'connect' }),
    endDoubt: assign({ doubtCount: 0 }),
    // An advised wait may follow the last retry while the platform is offline: the count is full and stays so.
    countRetry: assign({
      retryCount: ({ context }) => Math.min(context.settings.maxRetries, context.retryCount + 1),
    }),
    planRetry: assign({
      plannedWait: ({ context: { settings, retryCount, minDelayMs } }) => ({
        delayMs: Math.max(minDelayMs, settings.backoff(retryCount + 1, settings.random)),
      }),
    }),
    planSpread: assign({
      plannedWait: ({ context: { settings } }) => ({
        delayMs: settings.random() * (settings.backoff.spreadMs ?? 0),
      }),
    }),
    planOfflineProbe: assign({ plannedWait: () => ({ delayMs: OFFLINE_PROBE_MS }) }),
    planResume: assign({ plannedWait: () => ({ delayMs: SUSPENDED_LIMIT_MS }) }),
    // Whoever dials: a wait that is over, a person, a page that is shown. A fresh token ends the doubt.
    beginAttempt: assign(({ context }) => {
      const isInDoubt = context.doubtCount >= DOUBT_COUNT;
      const tokenReason = isInDoubt ? ('refresh' as const) : context.nextTokenReason;
      return {
        connectBudget: context.connectBudget - 1,
        tokenReason,
        nextTokenReason: 'connect' as const,
        doubtCount: tokenReason === 'refresh' ? 0 : context.doubtCount,
        hasOpened: false,
        canAsk: false,
        hasAnswered: false,
      };
    }),
    // Whatever the platform says, the network is there.
    noteOpened: assign({ hasOpened: true, online: true }),
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
      doubtCount: ({ context }) => context.doubtCount + (context.online ? 1 : OFFLINE_DOUBT),
    }),
    askForFreshToken: assign({ nextTokenReason: 'refresh' }),
    noteDeadline: assign(() => ({ lastEnd: ended('deadline') })),
    // A fresh token that could not be had is asked for again.
    noteFailedAttempt: assign(({ context, event }) => {
      if (event.type !== 'attempt.failed') return {};
      const { tokenReason, nextTokenReason } = context;
      return {
        lastEnd: ended(event.cause),
        nextTokenReason: event.cause === 'token' ? tokenReason : nextTokenReason,
      };
    }),
    noteImpossible: assign(() => ({ lastEnd: ended('impossible') })),
    noteSilence: assign(() => ({ lastEnd: ended('silent') })),
    noteStuck: assign(() => ({ lastEnd: ended('stuck') })),
    noteAnswer: assign({ hasAnswered: true, muteCount: 0 }),
    noteUnanswered: assign(({ context }) => ({
      lastEnd: ended('silent'),
      muteCount: context.hasAnswered ? 0 : Math.min(MUTE_COUNT, context.muteCount + 1),
    })),
    endMuteness: assign({ muteCount: 0 }),
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
