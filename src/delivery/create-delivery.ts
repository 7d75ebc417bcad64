import {
  DEFAULT_PROBE_TIMEOUT_MS,
  type DeliveryEvent,
  type DeliveryPort,
  LATE_MS,
} from '../../machines/index.ts';
import type { Transport } from '../actors/socket.ts';
import type { Delivery, DeliveryParts } from '../client/delivery-extension.ts';
import type { DeliverySnapshot } from '../client/delivery-view.ts';
import { beginDispatch, endDispatch } from '../client/dispatch-turn.ts';
import { WAITING_DELIVERY } from '../client/idle-snapshots.ts';
import type { MessageReader, MessageRoute } from '../client/inbox.ts';
import { NO_OUTBOX } from '../client/no-outbox.ts';
import { subscriberFault } from '../client/plain-delivery.ts';
import { createReadable, hasSameMembers } from '../lib/readable.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { EXTENSION_VERSION, isWelcome, readWelcome } from '../protocol/extension.ts';
import type { WireMessage } from '../protocol/message.ts';
import { createDeliveryChart } from './delivery-chart.ts';
import { createDiscontinuities } from './discontinuity.ts';
import { createLogFollower } from './log-follower.ts';
import type { OutboxCharts, OutboxControl } from './outbox/outbox.ts';
import type { PlainLink } from './outbox/outbox-line.ts';

/** What asks a server of the extension for a sign of life. */
const PING = '{"type":"PING"}';

const NOBODY: MessageReader = { take() {} };

/** Where durable messages wait, and which they are. */
export interface DurableQueue {
  readonly outbox: OutboxControl;
  /** Asks the app. Does not throw. */
  readonly isDurable: (message: WireMessage) => boolean;
}

export interface DeliveryOptions {
  /** The server is never taken for a plain one. */
  readonly isKnownSpeaker: boolean;
  /**
   * Null: no message of `send` is durable. `knowsServer`: the server is known to speak the extension. `charts`: who runs the charts
   * of its queues.
   */
  readonly queueOf: (knowsServer: () => boolean, charts: OutboxCharts) => DurableQueue | null;
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
export const createDelivery = (parts: DeliveryParts, options: DeliveryOptions): Delivery => {
  const { listeners, plainMessages, clock, report } = parts;
  const queue = options.queueOf(() => chart.isKnownSpeaker(), {
    begin: (which) => tell({ type: 'queue.begun', queue: which }),
    ended: (which) => tell({ type: 'queue.over', queue: which }),
  });
  const outbox = queue?.outbox ?? null;
  const discontinuities = createDiscontinuities();
  let transport: Transport | null = null;
  let openedAt = 0;
  let windowCount = 1;

  const tell = (event: DeliveryEvent): void => chart.tell(event);

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
      route.judgeFirst ??= judgeFirst;
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

  const snapshots = createReadable<DeliverySnapshot>(WAITING_DELIVERY, subscriberFault(report));
  const publish = (): void => {
    const status = chart.status();
    const next = { status, ...follower.progress, repeatCount: plainMessages.repeatCount };
    if (!hasSameMembers(next, snapshots.current)) snapshots.set(Object.freeze(next));
  };
  const stepped = (): void => {
    publish();
    beginDispatch();
    follower.release();
    endDispatch();
  };
  const chart = createDeliveryChart({
    port,
    outbox: outbox?.chart,
    isKnownSpeaker: options.isKnownSpeaker,
    onStep: parts.onStep,
    onStepped: stepped,
  });

  return {
    chart: chart.logic,
    route,
    outbox: outbox ?? NO_OUTBOX,
    getSnapshot: () => snapshots.current,
    subscribe: snapshots.subscribe,
    onDiscontinuity: discontinuities.onDiscontinuity,
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
    welcomed: takeWelcome,
    repeated: publish,
    begins: (userId) => outbox?.begin(userId),
    leaves(how) {
      if (how === 'logout') follower.forget();
      outbox?.end(how);
    },
    queueOf: (message) => (queue?.isDurable(message) === true ? queue.outbox.add : null),
    stop() {
      transport = null;
      follower.detach();
      const { repeatCount } = plainMessages;
      snapshots.end(Object.freeze({ status: 'waiting', ...follower.progress, repeatCount }));
      discontinuities.callOff();
      discontinuities.clear();
      plainMessages.forget();
      outbox?.end('dispose');
    },
  };
};
