import type { ConnectionChartSnapshot, ConnectionWish } from '../../machines/index.ts';
import { createChart } from '../actors/chart-actors.ts';
import { createSignalsActor } from '../actors/signals.ts';
import { createSocketActor } from '../actors/socket.ts';
import type { SocketLine, Transport } from '../actors/transport.ts';
import { createWakeActor } from '../actors/wake.ts';
import { encodeBy } from '../protocol/codec.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { ConnectionSnapshot } from './connection.ts';
import { connectionClock } from './connection-clock.ts';
import { type ConnectionOptions, heartbeatOf, settingsOf } from './connection-options.ts';
import { createConnectionOwner } from './connection-owner.ts';
import { connectionSignals } from './connection-signals.ts';
import { createSnapshotStore } from './connection-snapshot.ts';
import { containedInspect } from './contained-inspect.ts';
import type { Delivery, DeliveryParts } from './delivery-extension.ts';
import type { Diagnostics } from './diagnostics.ts';
import { createErrorChannel } from './error-channel.ts';
import { createInbox } from './inbox.ts';
import { createMessageListeners } from './message-listeners.ts';
import { createOpenListeners } from './open-listeners.ts';
import { createOutgoing } from './outgoing-message.ts';
import { createPlainDelivery } from './plain-delivery.ts';
import { ackOf, createPlainMessages } from './plain-messages.ts';
import { createSending } from './sending.ts';

const settled = ({ status }: ConnectionSnapshot): boolean =>
  status === 'idle' || status === 'loggedOut' || status === 'failed';

/** The error for the connect deadline, where that has ended the last attempt just now. */
const timeoutOf = (before: ConnectionSnapshot, after: ConnectionSnapshot): StatesocketError | null =>
  after.lastEnd !== before.lastEnd && after.lastEnd?.cause === 'deadline'
    ? new StatesocketError(
        'connect-timeout',
        'No socket opened before the connect deadline (connectTimeoutMs).',
      )
    : null;

const subscriberFailed = (cause: unknown): StatesocketError =>
  new StatesocketError('listener-failed', 'A subscriber threw or rejected. The others still ran.', { cause });

const chartCrashed = (cause: unknown): StatesocketError => {
  const what = 'The statechart stopped on an error. Make a new connection.';
  return new StatesocketError('chart-crashed', what, { cause });
};

/** Tells delivery whose the connection is, when a step of the chart has changed that. */
const tellUser = (
  before: ConnectionChartSnapshot,
  after: ConnectionChartSnapshot,
  delivery: Delivery,
): void => {
  const { userId } = after.context;
  if (after.value === 'loggedOut' && before.value !== 'loggedOut') delivery.leaves('logout');
  else if (userId === before.context.userId) return;
  else if (userId === null) delivery.leaves('disconnect');
  else delivery.begins(userId);
};

/** The parts of one connection, wired together and running: the chart with its actors, the data plane, and what the app reads. */
export const wireConnection = <M extends { type: string }, S extends { readonly type: string }>(
  options: ConnectionOptions<M, S>,
  diagnostics: Diagnostics,
) => {
  const errors = createErrorChannel({ waits: true });
  const { report } = errors;
  const clock = connectionClock(options.clock, report);
  const signals = connectionSignals(options.signals, report);
  const listeners = createMessageListeners(options.messages, report);
  const openListeners = createOpenListeners(report);
  const { codec } = options;
  const heartbeat = heartbeatOf(options);
  const owner = createConnectionOwner();
  const supportsDelivery = options.delivery?.supportsDelivery ?? false;
  const given = settingsOf(options, report);
  const recorder = options.recorder?.begin({ settings: given, supportsDelivery, clock, report });
  const settings = recorder?.settings ?? given;
  const plainMessages = createPlainMessages({
    listeners,
    ack: ackOf(options.ack),
    encode: codec === undefined ? undefined : (ack) => encodeBy(codec, ack),
    clock,
    report,
    onWelcome: codec === undefined ? (message) => delivery.welcomed(message) : null,
    onRepeats: () => delivery.repeated(),
  });
  const steps = { onStep: recorder?.delivery, onOutboxStep: recorder?.outbox };
  const parts: DeliveryParts = { listeners, plainMessages, clock, report, ...steps };
  const delivery: Delivery = options.delivery?.begin(parts) ?? createPlainDelivery(parts);
  const inbox = createInbox({ listeners, report, codec });
  const lineOf = (transport: Transport): SocketLine | null => {
    if (!owner.begins(transport)) return null;
    const line = delivery.lineOf(transport);
    return {
      opened() {
        line.opened();
        diagnostics.enterPlace(transport, report);
      },
      frame: (data) => inbox.receive(data, transport, line),
      ended(code) {
        diagnostics.leavePlace(transport);
        line.ended(code);
      },
    };
  };
  const socket = createSocketActor({
    url: options.url,
    getToken: options.getToken,
    protocols: options.protocols,
    webSocket: () => options.WebSocket ?? globalThis.WebSocket,
    lineOf,
    traffic: recorder?.traffic,
    heartbeat,
    clock,
    connectTimeoutMs: settings.connectTimeoutMs,
    diagnostics,
    report,
  });
  const actor = createChart(
    {
      input: settings,
      clock: clock as {
        setTimeout(callback: () => void, delayMs: number): unknown;
        clearTimeout(id: unknown): void;
      },
      ...(options.inspect === undefined ? {} : { inspect: containedInspect(options.inspect, report) }),
    },
    {
      socket,
      signals: createSignalsActor(signals),
      wake: createWakeActor(clock, heartbeat?.intervalMs),
      delivery: delivery.chart,
      onStep(event, before, after) {
        if (owner.isOver) return;
        recorder?.connection(event, before, after);
        owner.stepped(event, after.context.userId);
        if (after.status === 'active') tellUser(before, after, delivery);
        else end();
      },
      onDelay: recorder?.delaySet,
    },
  );
  const snapshots = createSnapshotStore(actor.getSnapshot(), clock.wallNow, (cause) =>
    report(subscriberFailed(cause)),
  );

  /** Whatever ends it. What the chart invoked ends with the chart, except where that crashes (XState #4726). */
  const end = (): void => {
    const left = owner.end();
    delivery.stop();
    left?.abandon();
    signals.stop();
    listeners.clear();
    openListeners.clear();
    clock.clearAll();
  };
  actor.subscribe({
    next(chart) {
      const before = snapshots.current;
      snapshots.update(chart);
      clock.holdProcess(!settled(snapshots.current));
      const timeout = timeoutOf(before, snapshots.current);
      if (timeout !== null) report(timeout);
      if (before.status !== 'open' && snapshots.current.status === 'open')
        openListeners.opened(owner.transport);
    },
    complete() {
      snapshots.disposed();
      // A step that was under way may have begun to wait.
      clock.clearAll();
    },
    error(cause) {
      end();
      snapshots.crashed();
      report(chartCrashed(cause));
    },
  });
  actor.start();
  errors.begins();

  /** A call after the end is a mistake worth hearing of, and must not throw in a cleanup. */
  const alive = (call: string): boolean => {
    if (!owner.isOver) return true;
    const what = `${call}() was called on a connection that has ended. It did nothing.`;
    report(new StatesocketError('disposed', what));
    return false;
  };

  return {
    actor,
    delivery,
    errors,
    listeners,
    openListeners,
    recorder,
    snapshots,
    sending: createSending({
      outgoing: createOutgoing(options.sends, diagnostics.watchAltered(report), codec),
      delivery,
      transport: () => owner.transport,
      status: () => snapshots.current.status,
      alive,
      isLeaving: () => owner.isAwaited,
      owner: () => owner.turn,
      report,
    }),
    isOver: () => owner.isOver,
    /** Has the chart take a wish of the app's. */
    wishes(call: string, wish: ConnectionWish): void {
      if (!alive(call)) return;
      if (wish.type === 'user.retry') actor.send(wish);
      else owner.wishes(wish, actor.send);
    },
    dispose(): void {
      snapshots.disposed();
      if (owner.isOver) return;
      end();
      actor.send({ type: 'user.dispose' });
    },
  };
};
