import {
  DEFAULT_PROBE_TIMEOUT_MS,
  type DeliveryEvent,
  type DeliveryPort,
  LATE_MS,
} from '../../machines/index.ts';
import type { Transport } from '../actors/transport.ts';
import type { DeliveryLine, DeliveryParts } from '../client/delivery-extension.ts';
import type { MessageReader, MessageRoute } from '../client/inbox.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { EXTENSION_VERSION, isWelcome, readWelcome } from '../protocol/extension.ts';
import type { WireMessage } from '../protocol/message.ts';
import type { Discontinuities } from './discontinuity.ts';
import { createLogFollower, type LogFollower } from './log-follower.ts';
import type { LogPosition } from './log-position.ts';
import type { OutboxControl } from './outbox/outbox.ts';
import type { PlainLink } from './outbox/outbox-line.ts';

/** What asks a server of the extension for a sign of life. */
const PING = '{"type":"PING"}';

/** The most that is held or in flight, whatever a server allows: all that comes from the wire is hostile. */
const MAX_WINDOW_COUNT = 1_024;
/** No server makes a client ask more often than this, in ms. */
const MIN_HEARTBEAT_MS = 100;

const NOBODY: MessageReader = { take() {} };

const isMessage = (frame: unknown): frame is WireMessage =>
  typeof (frame as { type?: unknown } | null | undefined)?.type === 'string';

export interface ExtensionLineOptions
  extends Pick<DeliveryParts, 'listeners' | 'plainMessages' | 'clock' | 'report'> {
  readonly transport: Transport;
  /** Of the user of the socket. */
  readonly position: LogPosition;
  readonly discontinuities: Discontinuities;
  readonly outbox: OutboxControl | null;
  readonly unsettledError: () => StatesocketError;
  /** Tells the delivery chart. */
  readonly tell: (event: DeliveryEvent) => void;
  /** What is known of the log has changed by messages. */
  readonly onProgress: () => void;
}

/** One socket as the delivery extension takes it: each state of its chart chooses who reads. Nothing in it throws. */
export interface ExtensionLine extends DeliveryPort, Omit<DeliveryLine, 'opened' | 'ended'> {
  progress(): LogFollower['progress'];
  /** Offers what was held to the reader of `live`. */
  release(): void;
  /** Whether a message is a WELCOME of the extension, which the chart is then told of. */
  takeWelcome(message: WireMessage): boolean;
}

const NO_PROGRESS: LogFollower['progress'] = Object.freeze({ appliedCount: 0, isAtGoal: false });

export const createExtensionLine = (options: ExtensionLineOptions): ExtensionLine => {
  const { transport, position, discontinuities, outbox, plainMessages, clock, report, tell } = options;
  const route: { -readonly [Name in keyof MessageRoute]: MessageRoute[Name] } = {
    reader: NOBODY,
    judgeFirst: null,
  };
  const plain = plainMessages.readerOf(transport);
  let openedAt = 0;
  let windowCount = 1;
  let follower: LogFollower | null = null;
  /** The reload that is under way, whose outcome matters. */
  let reload: object | null = null;

  const link: PlainLink = {
    send: transport.send,
    get bufferedBytes() {
      return transport.bufferedBytes;
    },
    broken() {
      if (!transport.gone) tell({ type: 'command.unanswered' });
    },
  };

  const takeWelcome = (message: WireMessage): boolean => {
    if (!isWelcome(message)) return false;
    if (message.v !== EXTENSION_VERSION) {
      const what = 'The server speaks a version of the delivery extension that this client does not.';
      report(new StatesocketError('version-mismatch', what));
      transport.closeCode = CloseCode.BadProtocol;
      tell({ type: 'server.mismatched' });
      return true;
    }
    const welcome = readWelcome(message);
    if (welcome instanceof StatesocketError) {
      report(welcome);
      return false;
    }
    windowCount = Math.min(welcome.window, MAX_WINDOW_COUNT);
    transport.watch({
      intervalMs: Math.max(welcome.heartbeatMs, MIN_HEARTBEAT_MS),
      timeoutMs: DEFAULT_PROBE_TIMEOUT_MS,
      ping: () => PING,
      from: 'open',
      keptBy: 'server',
    });
    tell({ type: 'server.welcomed' });
    return true;
  };

  const judgeFirst = (frame: unknown): boolean => {
    route.judgeFirst = null;
    if (isMessage(frame) && takeWelcome(frame)) return true;
    tell({ type: 'server.spoke' });
    return false;
  };

  const reloadFailed = (why: string, cause?: unknown): void => {
    const what = `${why} Durable messages wait; the log is asked again in 10 s.`;
    report(new StatesocketError('reload-failed', what, { cause }));
  };

  return Object.assign(route, {
    progress: () => follower?.progress ?? NO_PROGRESS,
    takeWelcome,
    rest() {
      route.reader = NOBODY;
      route.judgeFirst = null;
      reload = null;
      plain.end();
      follower?.end();
      follower = null;
    },
    negotiate() {
      openedAt = clock.now();
      route.judgeFirst = judgeFirst;
    },
    isLate: (limitMs: number) => clock.now() - openedAt > limitMs + LATE_MS,
    followPlain() {
      route.reader = plain;
      route.judgeFirst = null;
      outbox?.plain(link);
    },
    resume() {
      if (follower !== null) {
        follower.resume();
        return;
      }
      follower = createLogFollower({
        ...options,
        windowCount,
        route,
        onReceipt: (receipt) => outbox?.receipt(receipt),
      });
      follower.resume();
      outbox?.linked(Object.assign(link, { window: windowCount }));
    },
    follow: () => follower?.follow(),
    release: () => follower?.release(),
    reload() {
      follower?.hold();
      const reason = position.cursor === null ? 'first' : 'gap';
      if (reason === 'gap' && !discontinuities.isHeard) {
        const what = 'Messages are missing, and no onDiscontinuity listener was there to load them.';
        report(new StatesocketError('discontinuity', what));
      }
      const mine = {};
      reload = mine;
      discontinuities.announce(
        { reason },
        {
          done() {
            if (reload === mine) tell({ type: 'reload.done' });
          },
          failed(cause) {
            if (reload !== mine) return;
            reloadFailed('An onDiscontinuity listener threw or rejected.', cause);
            tell({ type: 'reload.failed' });
          },
        },
      );
    },
    giveUpReload: () => reloadFailed('An onDiscontinuity listener did not resolve in 120 s.'),
    stall() {
      reload = null;
      follower?.stall();
    },
  } satisfies Omit<ExtensionLine, keyof MessageRoute>);
};
