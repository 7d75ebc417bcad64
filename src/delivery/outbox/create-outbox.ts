import { type OutboxChartSnapshot, outboxMachineOf } from '../../../machines/index.ts';
import { type StepListener, withSteps } from '../../../machines/xstate-internals.ts';
import type { OutboxStore } from '../../actors/outbox-store.ts';
import type { SessionEnd } from '../../client/delivery-extension.ts';
import type { OutboxEntry } from '../../client/delivery-view.ts';
import type { Clock } from '../../lib/clock.ts';
import { createLastingTime } from '../../lib/lasting-time.ts';
import { createReadable } from '../../lib/readable.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { OutboxCharts, OutboxControl } from './outbox.ts';
import { reportDiscarded } from './outbox-judge.ts';
import { NOTHING_SHOWN } from './outbox-queue.ts';
import { createOutboxSession, type OutboxSession } from './outbox-session.ts';
import { outboxFunctionOf } from './queue-chart.ts';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Null: memory. */
  readonly store: OutboxStore | null;
  /** How many entries may wait. */
  readonly maxCount: number;
  /** How long an entry may wait, in ms. */
  readonly maxAgeMs: number;
  readonly uuid: () => string;
  /** Whether the server is known to speak the extension, so that it may get whatever waits. */
  readonly knowsServer: () => boolean;
  readonly charts: OutboxCharts;
  /** Told of each step of the chart of a queue, before its actors run. */
  readonly onStep?: StepListener<OutboxChartSnapshot> | undefined;
  readonly report: (error: StatesocketError) => void;
}

/** XState keeps something for each name of an event, for good, and the end of a chart is an event with its number in the name. */
const freeNumber = (used: ReadonlyMap<number, unknown>): number => {
  let number = 1;
  while (used.has(number)) number += 1;
  return number;
};

/**
 * Keeps each durable message until its verdict is known: stored before it is first sent, sent once on each socket, in
 * order, under a name (clientId, n, key) that never changes, so that the server does it once.
 *
 * Each session numbers under a clientId of its own. One that is not wholly stored when its user leaves stays, and the return of
 * that user continues it; what any other left is adopted as it is.
 */
export const createOutbox = (options: OutboxOptions): OutboxControl => {
  const { charts, uuid, report } = options;
  /** A new object whenever what an app sees has changed: the list is built when it is read. */
  const changes = createReadable<object>({}, (cause) => {
    const what = 'A subscriber of the outbox threw or rejected. The others still ran.';
    report(new StatesocketError('listener-failed', what, { cause }));
  });
  const time = createLastingTime(options.clock);
  /** All that depend on this page, by the number of their chart. */
  const sessions = new Map<number, OutboxSession>();
  /** `current`: that of the user who speaks, from their wish on, however late a chart takes it. */
  const state: { current: OutboxSession | null; storeFault: unknown } = {
    current: null,
    storeFault: undefined,
  };
  const machine = outboxMachineOf((queue) => {
    const session = sessions.get(queue);
    if (session === undefined) throw new RangeError(`No queue has the number ${queue}.`);
    return session.port;
  });

  const chartFunction = outboxFunctionOf(machine);

  const entries = (): readonly OutboxEntry[] => state.current?.shown ?? NOTHING_SHOWN;
  const show = (session: OutboxSession): void => {
    if (session === state.current && session.takeNews()) changes.set({});
  };
  const storeFailed = (cause: unknown): void => {
    if (state.storeFault !== undefined) return;
    state.storeFault = cause ?? null;
    const what = 'The outbox cannot be stored; it is kept in memory and will not outlive the page.';
    report(new StatesocketError('storage-failed', what, { cause }));
  };

  const begin = (userId: string): void => {
    const queue = freeNumber(sessions);
    const session = createOutboxSession({
      ...options,
      chartFunction,
      time,
      userId,
      clientId: uuid(),
      onStoreFailure: storeFailed,
      onShown: () => show(session),
      onOver() {
        sessions.delete(queue);
        charts.ended(queue);
      },
    });
    sessions.set(queue, session);
    state.current = session;
    charts.begin(queue);
    session.begun();
  };
  const goOn = (session: OutboxSession): void => {
    state.current = session;
    session.returns();
    if (session.shown.length > 0) changes.set({});
  };

  /** What waits in this page alone is lost with it, of whichever user. */
  const dispose = (): void => {
    changes.end({});
    const lost = [...sessions.values()].flatMap((session) => session.disposed());
    reportDiscarded(lost, 'dispose', report);
  };

  const end = (how: SessionEnd): void => {
    const { current } = state;
    const hadAny = entries().length > 0;
    state.current = null;
    if (how === 'dispose') dispose();
    else if (how === 'logout') current?.loggedOut();
    else current?.leaves();
    if (hadAny) changes.set({});
  };

  return {
    chart: withSteps(machine, {
      onStep(event, before, after) {
        sessions.get(after.context.queue)?.took(event);
        options.onStep?.(event, before, after);
      },
    }),
    begin(userId) {
      if (state.current !== null) end('switch');
      const before = [...sessions.values()].find((session) => session.userId === userId && session.mayReturn);
      if (before === undefined) begin(userId);
      else goOn(before);
    },
    end,
    add(text) {
      if (state.current !== null) return state.current.add(text);
      report(new StatesocketError('not-connected', 'send() needs a user: call connect() first.'));
      return 'refused';
    },
    linked: (link) => state.current?.linked(link),
    plain: (link) => state.current?.plain(link),
    lost: (code) => state.current?.lost(code),
    receipt: (receipt) => state.current?.receipt(receipt),
    get entries() {
      return entries();
    },
    subscribe: changes.subscribe,
    retry: (key) => state.current?.retry(key),
    discard: (key) => state.current?.discard(key),
  };
};
