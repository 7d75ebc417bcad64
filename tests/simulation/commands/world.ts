import type { Connection, ConnectionOptions, ConnectionSnapshot, WireMessage } from 'statesocket';
import { vi } from 'vitest';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { delayNameOf, isDelayEvent } from '../../../machines/xstate-internals.ts';
import { createTimerLine } from '../../../src/testing/timer-line.ts';
import { createStandInPage } from '../../actors/support/stand-in-page.ts';
import { demand, type Implementation } from '../implementation.ts';
import { APP_VERDICTS } from '../policy.ts';
import { createAnswers } from './answers.ts';
import { createCalls } from './calls.ts';
import type { Settings } from './command.ts';
import { createConnectionModel } from './connection-model.ts';
import { createInboxModel } from './inbox-model.ts';
import { createLine } from './line.ts';
import { createListeners } from './listeners.ts';
import { createMoment, type Tally } from './moment.ts';
import type { WatchRules } from './silence-model.ts';

type Options = ConnectionOptions<WireMessage>;

const WATCH: Readonly<Record<Settings['heartbeat'], WatchRules | null>> = {
  off: null,
  'by habit': { intervalMs: 14_000, timeoutMs: 5_000, canAsk: false, from: 'heartbeats' },
  asserted: { intervalMs: 14_000, timeoutMs: 5_000, canAsk: false, from: 'open' },
  asked: { intervalMs: 14_000, timeoutMs: 5_000, canAsk: true, from: 'open' },
};
const LISTENERS_ON_PAGE = 8;

/** What a clock of the app says that is not right. The timers are. */
const oddNow = (kind: Settings['clock'], now: () => number): (() => number) => {
  switch (kind) {
    case 'stands still':
      return () => 5_000;
    case 'runs back':
      return () => 1_000_000_000 - now();
    case 'is NaN':
      return () => Number.NaN;
    case 'throws':
      return () => {
        throw new Error('hostile');
      };
    default:
      return now;
  }
};

/** Whether only time brings this event about. It is taken from the connection, and checked; all else is the test's doing. */
const isOfTime = (type: string, source: unknown): boolean =>
  isDelayEvent(type) ||
  ['budget.refunded', 'frame.silent', 'probe.unanswered', 'socket.stuck'].includes(type) ||
  (type === 'page.shown' && (source as AnyActorRef | undefined)?.id === 'wake');

export interface WorldOptions {
  readonly tally: Tally;
  readonly observe?: ((event: InspectionEvent) => void) | undefined;
}

/**
 * A connection in the hands of a test: its clock, its sockets, its page and all that it calls. Beside it stands the model,
 * which hears of everything right before the connection does.
 */
export const createWorld = (
  { createConnection, durableDelivery }: Pick<Implementation, 'createConnection' | 'durableDelivery'>,
  settings: Settings,
  { tally, observe }: WorldOptions,
) => {
  const { maxRetries, stableAfterMs, spreadMs, stepMs } = settings;
  const watchRules = WATCH[settings.heartbeat];
  const backoffMs = (retry: number): number => retry * stepMs;
  const clock = createTimerLine();
  const page = createStandInPage();
  const moment = createMoment(tally);
  const inbox = createInboxModel(settings);
  const model = createConnectionModel(
    { maxRetries, stableAfterMs, spreadMs, backoffMs },
    watchRules,
    clock.now,
    {
      expects: moment.expects,
      begins: inbox.begins,
      loggedOut: inbox.forgets,
      isBlind: settings.clock !== 'right',
      online: settings.online,
    },
  );
  const calls = createCalls(() => connection, model, moment);
  const answers = createAnswers(model, moment, calls, settings);
  const line = createLine(model, moment, calls, answers, clock.now);

  const inspect = (event: InspectionEvent): void => {
    observe?.(event);
    if (event.type !== '@xstate.event') return;
    const { actorRef } = event;
    // The chart of delivery is a child of the connection's.
    if (actorRef.sessionId !== event.rootId && !('id' in actorRef && actorRef.id === 'delivery')) return;
    const { type } = event.event;
    if (type === 'dial.held') {
      moment.guard(() => model.isHeld(Number(event.event.upToMs)));
      return;
    }
    if (!isOfTime(type, event.sourceRef)) return;
    moment.guard(() => {
      const name = delayNameOf(type);
      demand(!model.isDisposed, 'I10', () => `${name} after dispose`);
      moment.counts(name);
      if (name === 'connectDeadline' || name === 'heldDeadline') moment.expects('connect-timeout');
      if (name === 'negotiationLimit') model.endsNegotiation();
      else model.happens({ type });
    });
  };

  const heartbeat: Pick<Options, 'heartbeat'> =
    watchRules === null
      ? { heartbeat: false }
      : watchRules.from === 'heartbeats'
        ? {}
        : {
            heartbeat: {
              intervalMs: watchRules.intervalMs,
              timeoutMs: watchRules.timeoutMs,
              ...(watchRules.canAsk ? { ping: line.ping } : {}),
            },
          };
  const makeConnection = (): Connection =>
    createConnection({
      url: settings.asks === 'nothing' ? 'wss://redngift.test/' : answers.url,
      ...(settings.asks === 'token and url' ? { getToken: answers.getToken } : {}),
      ack: settings.acks,
      delivery: durableDelivery(),
      ...heartbeat,
      WebSocket: line.WebSocket,
      backoff: Object.assign(
        (retry: number) => {
          calls.called('backoff');
          return backoffMs(retry);
        },
        { spreadMs },
      ),
      classifyClose: ({ code }) => {
        calls.called('classifyClose');
        return APP_VERDICTS[code as keyof typeof APP_VERDICTS];
      },
      maxRetries,
      stableAfterMs,
      inspect,
      clock: { ...clock, now: oddNow(settings.clock, clock.now) },
      random: () => 0.5,
    });

  vi.stubGlobal('window', page.window);
  vi.stubGlobal('document', page.document);
  page.navigator.onLine = settings.online;
  vi.stubGlobal('navigator', page.navigator);
  const connection = makeConnection();
  vi.unstubAllGlobals();
  demand(
    page.listenerCount === LISTENERS_ON_PAGE,
    'I10',
    () => `${page.listenerCount} listeners on the page`,
  );

  const listeners = createListeners(connection, model, moment, calls, settings.hearsAll);

  const keepsSecret = (text: string): void =>
    demand(!text.includes('secret'), 'I13', () => `the token is in ${text}`);

  let clockFaultCount = 0;
  connection.onError((error) => {
    if (error.code === 'clock-failed') {
      clockFaultCount += 1;
      moment.guard(() =>
        demand(clockFaultCount === 1 && settings.clock !== 'right', 'errors', () => 'a clock is blamed'),
      );
      moment.counts('a clock is blamed');
      return;
    }
    moment.guard(() => {
      moment.reports(error.code);
      keepsSecret(`${error.message} ${error.cause}`);
    });
    const ends = listeners.beginsReport(error.code);
    try {
      calls.called('onError listener');
    } finally {
      ends();
      answers.wasReported(error.code);
    }
  });

  let seen: ConnectionSnapshot = connection.getSnapshot();
  connection.subscribe(() => {
    moment.guard(() => {
      const before = seen;
      seen = connection.getSnapshot();
      demand(seen !== before && Object.isFrozen(seen), 'snapshot', () => 'told of a change that is none');
      demand(
        JSON.stringify(seen) !== JSON.stringify(before),
        'snapshot',
        () => 'told of what nobody can see',
      );
      demand(!model.isDisposed, 'I10', () => 'a subscriber is told after dispose');
      const [from, to] = [before.retryCount, seen.retryCount];
      demand(to === 0 || to === from || to === from + 1, 'I9', () => `the count goes from ${from} to ${to}`);
      const isDue =
        settings.clock !== 'right' || (before.nextRetryAt !== null && clock.now() >= before.nextRetryAt);
      demand(to <= from || isDue, 'I9', () => `the count rises before ${before.nextRetryAt} ms`);
      keepsSecret(JSON.stringify(seen));
    });
    calls.called('subscriber');
  });

  const checkTimers = (): void => {
    const dueAt = clock.pending.map((timer) => timer.dueAt);
    const others = [...dueAt];
    for (const at of [...model.timersDueAt, ...(model.isDisposed ? [] : inbox.timersDueAt)]) {
      const index = others.indexOf(at);
      demand(index >= 0, 'timers', () => `timers are due at [${dueAt}] and none at ${at} ms`);
      others.splice(index, 1);
    }
    demand(others.length === model.watchTimerCount, 'timers', () => `nobody expects timers at [${others}]`);
  };

  let serial = 0;

  return {
    connection,
    model,
    inbox,
    clock,
    page,
    moment,
    calls,
    answers,
    line,
    listeners,
    settings,
    /** Numbers the frames of a run. */
    nextSerial(): number {
      serial += 1;
      return serial;
    },
    /** Compares everything that can be seen of the connection with what must be true of it now. */
    check(): void {
      moment.check();
      answers.check();
      line.check();
      checkTimers();
      const snapshot = connection.getSnapshot();
      const wanted = model.isDisposed
        ? { ...snapshot, status: 'idle', failure: null, wait: null, nextRetryAt: null }
        : model.snapshot;
      for (const name of Object.keys(wanted) as (keyof ConnectionSnapshot)[]) {
        // A clock that does not move cannot tell when.
        const isWhen = name === 'nextRetryAt' || name === 'wait';
        if (isWhen && settings.clock !== 'right' && snapshot.wait?.why === wanted.wait?.why) continue;
        const [is, should] = [snapshot[name], wanted[name]];
        const isSame = is === should || JSON.stringify(is) === JSON.stringify(should);
        demand(isSame, 'policy', () => {
          return `${name} is ${JSON.stringify(is)} and should be ${JSON.stringify(should)}`;
        });
      }
      demand(model.isDisposed || snapshot === seen, 'snapshot', () => 'nobody was told of a change');
      demand(connection.status === snapshot.status, 'snapshot', () => `status is ${connection.status}`);
      const { userId } = connection;
      demand(userId === model.userId, 'I14', () => `the user is ${userId} and should be ${model.userId}`);
      const listenerCount = model.isDisposed ? 0 : LISTENERS_ON_PAGE;
      demand(
        page.listenerCount === listenerCount,
        'I10',
        () => `${page.listenerCount} listeners on the page`,
      );
    },
  };
};

export type World = ReturnType<typeof createWorld>;
