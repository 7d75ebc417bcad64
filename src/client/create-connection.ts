import type { ConnectionEvent } from '../../machines/index.ts';
import { createChart } from '../actors/chart-actors.ts';
import { createSignalsActor } from '../actors/signals.ts';
import { createSocketActor, type Transport } from '../actors/socket.ts';
import { createWakeActor } from '../actors/wake.ts';
import { encodeBy } from '../protocol/codec.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { BinaryMessage, OutgoingMessage, WireMessage } from '../protocol/message.ts';
import { createConnectionRecorder } from '../recording/connection-recorder.ts';
import { checkOptions } from './check-options.ts';
import type { Connection, ConnectionSnapshot, MessageOfType } from './connection.ts';
import { connectionClock } from './connection-clock.ts';
import { type ConnectionOptions, heartbeatOf, settingsOf } from './connection-options.ts';
import { connectionSignals } from './connection-signals.ts';
import { createSnapshotStore } from './connection-snapshot.ts';
import { containedInspect } from './contained-inspect.ts';
import type { Delivery, DeliveryParts } from './delivery-extension.ts';
import type { OutboxEntry } from './delivery-view.ts';
import { createErrorChannel } from './error-channel.ts';
import { createInbox } from './inbox.ts';
import { noteMade } from './made-connections.ts';
import { createMessageListeners } from './message-listeners.ts';
import { needFunction, needTypeAndFunction } from './need-function.ts';
import { createOpenListeners } from './open-listeners.ts';
import { watchPlaces } from './open-places.ts';
import { createOutgoing } from './outgoing-message.ts';
import { createPlainDelivery } from './plain-delivery.ts';
import { ackOf, createPlainMessages } from './plain-messages.ts';
import { createSending } from './sending.ts';
import { unknownOptions } from './unknown-options.ts';
import { userIdOf } from './user-id.ts';

const isWaiting = ({ state }: OutboxEntry): boolean => state === 'queued' || state === 'sent';

const settled = ({ status }: ConnectionSnapshot): boolean =>
  status === 'idle' || status === 'loggedOut' || status === 'failed';

/**
 * Makes a connection: the statechart, its socket actor and the data plane, wired together. Nothing is dialled until
 * `connect()`; on a server, where nobody calls that, nothing opens and no global is touched.
 *
 * Make one per app, outside React, and share it. Dispose of it on hot reload.
 *
 * @throws {StatesocketError} `bad-option` when an option cannot work.
 * @example
 * const connection = createConnection({
 *   url: ({ token }) => `wss://example.org/connect/${token}/`,
 *   getToken: () => localStorage.getItem('accessToken'),
 * });
 * connection.on('NEW_MESSAGE', (message) => console.log(message));
 * connection.connect({ userId: 'ada' });
 */
export const createConnection = <
  M extends { type: string } = WireMessage,
  S extends { readonly type: string } = OutgoingMessage,
>(
  options: ConnectionOptions<M, S>,
): Connection<M, S> => {
  checkOptions(options);
  const errors = createErrorChannel({ waits: true });
  const { report } = errors;
  const clock = connectionClock(options.clock, report);
  const signals = connectionSignals(options.signals, report);
  const listeners = createMessageListeners(options.messages, report);
  const openListeners = createOpenListeners(report);
  const { codec } = options;
  const heartbeat = heartbeatOf(options);
  let transport: Transport | null = null;
  // A chart that is stopped inside one of its own steps still ends the step, and may begin an attempt in it.
  let disposed = false;

  const inspect = containedInspect(options.inspect, report);

  // XState does not dispose of an invoked actor when its parent crashes (#4726): the socket is ended here.
  const crash = (cause: unknown): void => {
    transport?.abandon();
    delivery.stop();
    signals.stop();
    clock.clearAll();
    snapshots.crashed();
    report(
      new StatesocketError('chart-crashed', 'The statechart stopped on an error. Make a new connection.', {
        cause,
      }),
    );
  };
  const watched = options.inspect === undefined ? {} : { inspect };
  const isKnownSpeaker = options.delivery?.isKnownSpeaker ?? false;
  const given = settingsOf(options, report);
  const { recording = {} } = options;
  const recorder =
    recording === false
      ? null
      : createConnectionRecorder({ recording, settings: given, isKnownSpeaker, clock });
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
  const parts: DeliveryParts = {
    listeners,
    plainMessages,
    clock,
    report,
    onStep: recorder?.delivery,
  };
  const delivery: Delivery = options.delivery?.begin(parts) ?? createPlainDelivery(parts);
  const places = watchPlaces(report);
  const made = noteMade();
  const inbox = createInbox({ route: delivery.route, listeners, report, codec });
  const socket = createSocketActor({
    url: options.url,
    getToken: options.getToken,
    protocols: options.protocols,
    webSocket: () => options.WebSocket ?? globalThis.WebSocket,
    onTransport: (next) => {
      transport = next;
      if (disposed) next.abandon();
    },
    onOpen(opened) {
      delivery.opened(opened);
      places.opened(opened);
    },
    onEnd(ended, code) {
      places.ended(ended);
      delivery.ended(ended, code);
    },
    onFrame: inbox.receive,
    traffic: recorder?.traffic,
    heartbeat,
    clock,
    connectTimeoutMs: settings.connectTimeoutMs,
    report,
  });
  const actor = createChart(
    {
      input: settings,
      clock: clock as {
        setTimeout(callback: () => void, delayMs: number): unknown;
        clearTimeout(id: unknown): void;
      },
      ...watched,
    },
    {
      socket,
      signals: createSignalsActor(signals),
      wake: createWakeActor(clock, heartbeat?.intervalMs),
      delivery: delivery.chart,
      onStep: recorder?.connection,
      onDelay: recorder?.delaySet,
    },
  );

  const snapshots = createSnapshotStore(actor.getSnapshot(), clock.wallNow, (cause) =>
    report(
      new StatesocketError('listener-failed', 'A subscriber threw or rejected. The others still ran.', {
        cause,
      }),
    ),
  );

  const noteTimeout = (before: ConnectionSnapshot, after: ConnectionSnapshot): void => {
    if (after.lastEnd !== before.lastEnd && after.lastEnd?.cause === 'deadline') {
      report(
        new StatesocketError(
          'connect-timeout',
          'No socket opened before the connect deadline (connectTimeoutMs).',
        ),
      );
    }
  };

  let user: string | null = null;
  const noteUser = (next: string | null): void => {
    const before = user;
    user = next;
    if (snapshots.current.status === 'loggedOut') delivery.leaves('logout');
    else if (next === before) return;
    else if (next === null) delivery.leaves('disconnect');
    else delivery.begins(next);
  };

  actor.subscribe({
    next: (chart) => {
      const before = snapshots.current;
      snapshots.update(chart);
      clock.holdProcess(!settled(snapshots.current));
      noteTimeout(before, snapshots.current);
      noteUser(chart.context.userId);
      openListeners.stepped(snapshots.current.status, transport);
    },
    error: crash,
  });
  actor.start();
  errors.begins();

  /** A call after the end is a mistake worth hearing of, and must not throw in a cleanup. */
  const alive = (call: string): boolean => {
    if (!disposed && actor.getSnapshot().status === 'active') return true;
    report(
      new StatesocketError(
        'disposed',
        `${call}() was called on a connection that has ended. It did nothing.`,
      ),
    );
    return false;
  };
  /** The user that was wished for last, null for none; the chart may still be in the step in which that was. */
  let wished: string | null | undefined;
  const isLeaving = (): boolean => wished !== undefined && wished !== user;
  /** A wish for another user, or none. What is said after it must not go out in the name of this one (I14), however late the chart takes it. */
  const leave = (call: string, event: ConnectionEvent, next: string | null): void => {
    if (!alive(call)) return;
    wished = next;
    // Its own user may ask again from within the step that makes it.
    if (transport?.userId !== next) transport?.abandon();
    actor.send(event);
    queueMicrotask(() => {
      wished = undefined;
    });
  };
  const sending = createSending({
    outgoing: createOutgoing(options.sends, report, codec),
    delivery,
    transport: () => transport,
    status: () => snapshots.current.status,
    alive,
    isLeaving,
    report,
  });

  // Later than now: the app's onError listener comes after this call.
  queueMicrotask(() => {
    if (disposed) return;
    for (const error of unknownOptions(options)) report(error);
    if (made.tooMany !== null) report(made.tooMany);
  });

  return {
    connect: (user) => {
      const userId = userIdOf(user?.userId);
      leave('connect', { type: 'user.connect', userId }, userId);
    },
    disconnect: () => leave('disconnect', { type: 'user.disconnect' }, null),
    logout: () => leave('logout', { type: 'user.logout' }, null),
    retry() {
      if (alive('retry')) actor.send({ type: 'user.retry' });
    },
    send: sending.send,
    sendBinary: sending.sendBinary,
    on: <T extends M['type'] | 'binary' | 'PRESENCE'>(
      type: T,
      listener: (message: MessageOfType<M, T>) => unknown,
    ) => {
      needTypeAndFunction('on', type, listener);
      return listeners.on(type, listener as (message: { type: string }) => void);
    },
    onMessage: (listener: (message: M | BinaryMessage) => unknown) => {
      needFunction('onMessage(listener)', listener);
      return listeners.onMessage(listener as (message: { type: string }) => void);
    },
    get status() {
      return snapshots.current.status;
    },
    get userId() {
      const chart = actor.getSnapshot();
      return chart.status === 'active' ? chart.context.userId : null;
    },
    getSnapshot: () => snapshots.current,
    subscribe(listener) {
      needFunction('subscribe(listener)', listener);
      return snapshots.subscribe(listener);
    },
    onOpen(listener) {
      needFunction('onOpen(listener)', listener);
      return openListeners.onOpen(listener);
    },
    outbox: delivery.outbox,
    onDiscontinuity(listener) {
      needFunction('onDiscontinuity(listener)', listener);
      return delivery.onDiscontinuity(listener);
    },
    delivery: { getSnapshot: delivery.getSnapshot, subscribe: delivery.subscribe },
    onError(listener) {
      needFunction('onError(listener)', listener);
      return errors.onError(listener);
    },
    recording: (limits) =>
      recorder?.take(
        {
          outboxCount: delivery.outbox.entries.filter(isWaiting).length,
          appliedCount: delivery.getSnapshot().appliedCount,
        },
        limits,
      ) ?? null,
    actor,
    dispose() {
      disposed = true;
      made.end();
      snapshots.disposed();
      delivery.stop();
      actor.stop();
      transport?.abandon();
      signals.stop();
      clock.clearAll();
      listeners.clear();
      openListeners.clear();
    },
  };
};
