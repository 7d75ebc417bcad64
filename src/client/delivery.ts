import { createActor, type InspectionEvent } from 'xstate';
import {
  DEFAULT_PROBE_TIMEOUT_MS,
  type DeliveryChartSnapshot,
  type DeliveryEvent,
  type DeliveryPort,
  type DeliveryStatus,
  deliveryMachine,
  deliveryStatusOf,
} from '../../machines/index.ts';
import { withSteps } from '../actors/chart-steps.ts';
import type { Transport } from '../actors/socket.ts';
import type { Clock } from '../lib/clock.ts';
import type { Unsubscribe } from '../lib/listener-list.ts';
import { createListenerList } from '../lib/listener-list.ts';
import { runListener } from '../lib/run-listener.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { EXTENSION_VERSION, isWelcome, readWelcome } from '../protocol/extension.ts';
import type { WireMessage } from '../protocol/message.ts';
import type { EncodeAck } from './ack-sender.ts';
import type { Discontinuities } from './discontinuity.ts';
import { beginDispatch, endDispatch } from './dispatch-turn.ts';
import type { MessageReader, MessageRoute } from './inbox.ts';
import { createLogFollower, type FollowerProgress } from './log-follower.ts';
import type { MessageListeners } from './message-listeners.ts';
import type { OutboxControl } from './outbox/outbox.ts';
import type { PlainLink } from './outbox/outbox-sender.ts';
import { type AckOf, createPlainMessages } from './plain-messages.ts';
import type { ChartRecorder } from './recording/connection-recorder.ts';

/** How messages come, and how far the client is with them. Frozen; the same object until something changes. */
export interface DeliverySnapshot extends FollowerProgress {
  readonly status: DeliveryStatus;
  /** Messages of plain servers that were dropped because their id had come before; with the option `ack` only. */
  readonly repeatCount: number;
}

/** A timer this late, in ms, came after sleep or in a throttled tab: frames may be waiting to be read. */
export const LATE_MS = 1_000;
/** What asks a server of the extension for a sign of life. */
const PING = '{"type":"PING"}';

const NOBODY: MessageReader = { take() {} };

export interface DeliveryOptions {
  readonly listeners: MessageListeners;
  readonly discontinuities: Discontinuities;
  /** Null: no ACK and no dedupe on a plain server. */
  readonly ack: AckOf | null;
  /** The app has a codec of its own: the extension, which is JSON, is not spoken. Its encoder makes the frames of ACKs. */
  readonly encode?: EncodeAck | undefined;
  /** The server is never taken for a plain one. */
  readonly isKnownSpeaker: boolean;
  readonly clock: Clock;
  readonly outbox: OutboxControl | null;
  readonly report: (error: StatesocketError) => void;
  /** The chart of delivery has stopped on an error. */
  readonly onCrash: (cause: unknown) => void;
  readonly inspect?: (event: InspectionEvent) => void;
  readonly recorder?: ChartRecorder<DeliveryChartSnapshot> | undefined;
}

/** The delivery chart of one connection, and what it works with. */
export interface Delivery {
  /** Who takes what comes. */
  readonly route: MessageRoute;
  opened(transport: Transport): void;
  ended(transport: Transport, code: number | null): void;
  /** The user has logged out. */
  forget(): void;
  /** The server is known to speak the extension: by the app, or since it has said so. */
  readonly knowsServer: boolean;
  getSnapshot(): DeliverySnapshot;
  subscribe(listener: () => void): Unsubscribe;
  stop(): void;
}

/** The most that is held or in flight, whatever a server allows: all that comes from the wire is hostile. */
const MOST_WINDOW_COUNT = 1_024;
/** No server makes a client ask more often than this, in ms. */
const LEAST_HEARTBEAT_MS = 100;

const isMessage = (frame: unknown): frame is WireMessage =>
  typeof (frame as { type?: unknown } | null | undefined)?.type === 'string';

const linkOf = (transport: Transport): PlainLink => ({
  send: transport.send,
  get bufferedBytes() {
    return transport.bufferedBytes;
  },
  broken: () => transport.breaks('unanswered'),
});

/** Wires the delivery chart to the reader of plain messages, the follower of the log, the outbox and the app. */
export const createDelivery = (options: DeliveryOptions): Delivery => {
  const { listeners, discontinuities, clock, outbox, report } = options;
  const subscribers = createListenerList<() => void>();
  let transport: Transport | null = null;
  let openedAt = 0;
  let windowCount = 1;

  const tell = (event: DeliveryEvent): void => actor.send(event);

  /** Whether a message is a WELCOME of the extension, which is then told to the chart. */
  const takeWelcome = (message: WireMessage): boolean => {
    if (!isWelcome(message)) return false;
    if (message.v !== EXTENSION_VERSION) {
      const what = 'The server speaks a version of the delivery extension that this client does not.';
      report(new StatesocketError('version-mismatch', what));
      tell({ type: 'server.mismatched' });
      return true;
    }
    const welcome = readWelcome(message);
    if (welcome instanceof StatesocketError) {
      report(welcome);
      return false;
    }
    windowCount = Math.min(welcome.window, MOST_WINDOW_COUNT);
    transport?.watch({
      intervalMs: Math.max(welcome.heartbeatMs, LEAST_HEARTBEAT_MS),
      timeoutMs: DEFAULT_PROBE_TIMEOUT_MS,
      ping: () => PING,
      from: 'open',
      keptBy: 'server',
    });
    tell({ type: 'server.welcomed' });
    return true;
  };

  const plainMessages = createPlainMessages({
    listeners,
    ack: options.ack,
    clock,
    report,
    encode: options.encode,
    onWelcome: options.encode === undefined ? takeWelcome : null,
    onRepeats: () => publish(),
  });
  const follower = createLogFollower({
    listeners,
    clock,
    report,
    tell,
    onReceipt: (receipt) => outbox?.receipt(receipt),
    onProgress: () => publish(),
  });

  const route: { -readonly [K in keyof MessageRoute]: MessageRoute[K] } = {
    reader: NOBODY,
    judgeFirst: null,
  };
  const judgeFirst: MessageRoute['judgeFirst'] = (frame) => {
    route.judgeFirst = null;
    if (isMessage(frame) && takeWelcome(frame)) return true;
    tell({ type: 'server.spoke' });
    return false;
  };

  const reloadFailed = (why: string, cause?: unknown): void => {
    const what = `${why} Durable messages wait; the log is asked again in 10 s.`;
    report(new StatesocketError('reload-failed', what, { cause }));
  };

  const port: DeliveryPort = {
    rest() {
      route.reader = NOBODY;
      route.judgeFirst = null;
      discontinuities.callOff();
      follower.detach();
      plainMessages.detach();
    },
    negotiate() {
      openedAt = clock.now();
      if (options.encode === undefined) route.judgeFirst ??= judgeFirst;
      else tell({ type: 'server.spoke' });
    },
    isLate: (limitMs) => clock.now() - openedAt > limitMs + LATE_MS,
    followPlain() {
      const link = transport;
      route.reader = plainMessages;
      route.judgeFirst = null;
      if (link !== null) outbox?.plain(linkOf(link));
    },
    resume() {
      const link = transport;
      if (link === null) return;
      if (route.reader !== follower) {
        route.reader = follower;
        follower.attach(link, windowCount);
        follower.resume();
        outbox?.linked(Object.assign(linkOf(link), { window: windowCount }));
      } else {
        follower.resume();
      }
    },
    follow: follower.follow,
    reload() {
      follower.hold();
      const reason = follower.isFresh ? 'first' : 'gap';
      if (reason === 'gap' && !discontinuities.isHeard) {
        const what = 'Messages are missing, and no onDiscontinuity listener was there to load them.';
        report(new StatesocketError('discontinuity', what));
      }
      discontinuities.announce(
        { reason },
        {
          done: () => tell({ type: 'reload.done' }),
          failed(cause) {
            reloadFailed('An onDiscontinuity listener threw or rejected.', cause);
            tell({ type: 'reload.failed' });
          },
        },
      );
    },
    giveUpReload: () => reloadFailed('An onDiscontinuity listener did not resolve in 120 s.'),
    stall() {
      discontinuities.callOff();
      follower.stall();
    },
    breakLink: (why) => transport?.breaks(why),
  };

  const { recorder } = options;
  const chart = recorder === undefined ? deliveryMachine : withSteps(deliveryMachine, recorder.stepped);
  const actor = createActor(chart, {
    input: { port, isKnownSpeaker: options.isKnownSpeaker },
    clock: (recorder?.clock ?? clock) as {
      setTimeout(callback: () => void, delayMs: number): unknown;
      clearTimeout(id: unknown): void;
    },
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
  });

  const subscriberFailed = (cause: unknown): void => {
    const what = 'A subscriber of delivery threw or rejected. The others still ran.';
    report(new StatesocketError('listener-failed', what, { cause }));
  };
  let current: DeliverySnapshot = Object.freeze({
    status: 'waiting',
    ...follower.progress,
    repeatCount: 0,
  });
  const publish = (): void => {
    const status = deliveryStatusOf(actor.getSnapshot());
    const { appliedCount, isCaughtUp, cursor } = follower.progress;
    const { repeatCount } = plainMessages;
    if (
      status === current.status &&
      appliedCount === current.appliedCount &&
      isCaughtUp === current.isCaughtUp &&
      cursor === current.cursor &&
      repeatCount === current.repeatCount
    )
      return;
    current = Object.freeze({ status, appliedCount, isCaughtUp, cursor, repeatCount });
    subscribers.each((listener) => runListener(listener, subscriberFailed));
  };
  actor.subscribe({
    next: () => {
      publish();
      beginDispatch();
      follower.release();
      endDispatch();
    },
    error: options.onCrash,
  });
  actor.start();

  return {
    route,
    opened(next) {
      transport = next;
      tell({ type: 'socket.opened' });
    },
    ended(which, code) {
      if (which !== transport) return;
      transport = null;
      tell({ type: 'socket.ended' });
      outbox?.lost(code);
    },
    forget: follower.forget,
    get knowsServer() {
      return actor.getSnapshot().context.isKnownSpeaker;
    },
    getSnapshot: () => current,
    subscribe: subscribers.add,
    stop() {
      subscribers.clear();
      actor.stop();
      transport = null;
      follower.detach();
      const { repeatCount } = plainMessages;
      current = Object.freeze({ status: 'waiting', ...follower.progress, repeatCount });
      discontinuities.callOff();
      discontinuities.clear();
      plainMessages.forget();
    },
  };
};
