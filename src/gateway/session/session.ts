import type { Clock, TimerHandle } from '../../lib/clock.ts';
import { CloseCode } from '../../protocol/close-codes.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { NEGOTIATION_MS } from '../../protocol/extension.ts';
import { type HandleCommand, RECOVERY } from '../commands/command.ts';
import { createCommandQueue } from '../commands/command-queue.ts';
import { createCommandRunner } from '../commands/command-runner.ts';
import type { LiveChannels } from '../commands/effects.ts';
import type { Engine } from '../engine/engine.ts';
import { createLogReader, type LogReader } from '../log/log-reader.ts';
import { createResumableLog, type ResumableLog } from '../log/resumable-log.ts';
import { sayFarewell } from '../wire/farewell.ts';
import { type Inbound, readInbound } from '../wire/inbound.ts';
import {
  durableText,
  HEARTBEAT_TEXT,
  presenceChangeText,
  presenceText,
  welcomeText,
} from '../wire/outgoing-text.ts';
import type { SessionTransport } from '../wire/session-transport.ts';
import { createGreeting } from './greeting.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createPace } from './pace.ts';
import { createTokenBucket } from './token-bucket.ts';
import { createTokenCheck } from './token-check.ts';

/** How large the frames of waiting commands may be together, of a client that keeps to no window. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** PING, RESUME and ACKs that answer nothing, of a client of the extension: a sane one sends few. */
const MAX_CONTROL_FRAMES_PER_SECOND = 50;
/** How many replies wait for the first PRESENCE. More are lost, as on a socket that has closed. */
const MAX_HELD_REPLIES_COUNT = 128;

/** The limits of one session; see `GatewayOptions`. */
export interface SessionLimits {
  readonly heartbeatMs: number;
  readonly maxPayloadBytes: number;
  readonly maxBufferedBytes: number;
  readonly maxCommandsPerSecond: number;
  /** How much may be unacknowledged, each way. */
  readonly windowCount: number;
}

export interface SessionOptions {
  readonly userId: string;
  readonly transport: SessionTransport;
  readonly engine: Engine;
  /** The position of the log when the socket connected: where a plain client begins. */
  readonly position: string;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Whom the token of this socket names now; null when it is refused. */
  readonly identify: () => Promise<string | null>;
  readonly handle: HandleCommand;
  /** Reaches the sockets of other users, for what handlers publish live. */
  readonly channels: LiveChannels;
  /** Hands out which of those that this user may watch are online, at that moment. False: it could not be found out. */
  readonly showOnline: (receive: (online: readonly string[]) => void) => Promise<boolean>;
  readonly report: (error: StatesocketError) => void;
  /** Called once, when the session has ended for whatever reason. */
  readonly ended: () => void;
}

/** One authenticated socket of one user. Knows neither `ws` nor HTTP nor the platform's clock. */
export interface Session {
  readonly userId: string;
  /** Sends WELCOME and listens for the doorbell. Call it when the gateway knows the session. */
  start(): void;
  receiveText(text: string): void;
  receiveBinary(data: ArrayBuffer): void;
  receivePong(): void;
  /**
   * Sends a frame that is not kept. Dropped until it is settled what the client speaks, and who is online was shown. A peer
   * that reads too slowly for it goes without or, in plain mode, is closed with 4408.
   */
  send(text: string): void;
  sendBinary(data: ArrayBuffer | ArrayBufferView): void;
  /** Ends the session from this side. Frames and commands that wait are dropped. */
  close(code: number, reason: string): void;
  /** Takes no more commands, finishes the one that runs, receipt included, and closes. */
  drain(code: number, reason: string): Promise<void>;
  /** The transport has closed. Commands that were received before still run. */
  transportClosed(): void;
  /** Resolves when no command runs any more. */
  settled(): Promise<void>;
}

/**
 * Makes the session of a socket whose token was accepted.
 *
 * What the client speaks is open until it sends RESUME (the extension), anything else, or nothing for 2 s (plain mode: it
 * follows the log from where that was when the socket opened). A RESUME that comes later still counts.
 */
export const createSession = (options: SessionOptions): Session => {
  const { userId, transport, engine, clock, limits, report } = options;
  const bucket = createTokenBucket(limits.maxCommandsPerSecond, clock);
  const controlBucket = createTokenBucket(MAX_CONTROL_FRAMES_PER_SECOND, clock);
  const pace = createPace(bucket, clock);
  let mode: 'open' | 'plain' | 'resumable' = 'open';
  let plainLog: LogReader | null = null;
  let log: ResumableLog | null = null;
  let negotiation: TimerHandle | null = null;
  let over = false;
  /** Nothing that waits is to run any more. */
  let refusing = false;
  /** Whether the client may be sent what is volatile. */
  let takesVolatile = false;
  const heldReplies: string[] = [];
  let stopListening = () => {};
  /** ACKs that answer what was sent are free; others are paid for. */
  let expectedAckCount = 0;

  const end = () => {
    over = true;
    if (negotiation !== null) clock.clearTimeout(negotiation);
    heartbeat.stop();
    plainLog?.stop();
    log?.stop();
    greeting.stop();
    pace.end();
    stopListening();
    options.ended();
  };
  const refuseCommands = () => {
    refusing = true;
    queue.abandon();
    pace.end();
  };
  const close = (code: number, reason: string) => {
    if (over) return;
    refuseCommands();
    end();
    sayFarewell(transport, code, reason);
  };
  const fail = (
    error: StatesocketError,
    code: number = CloseCode.TryAgainLater,
    reason = 'try again later',
  ) => {
    if (over) return;
    report(error);
    close(code, reason);
  };
  const logFailed = (cause: unknown) =>
    fail(new StatesocketError('engine-failed', 'The log could not be read.', { cause }));
  const tooMany = () => close(CloseCode.TooMany, 'too many commands');

  /** Sends what belongs to the protocol: little, and never dropped. */
  const tell = (text: string) => {
    if (!over) transport.send(text);
  };
  /** Sends what comes out of the log. A promise: too much waits for this socket. */
  const sendLogged = (text: string, entryCount: number): Promise<void> | undefined => {
    expectedAckCount += entryCount;
    if (transport.bufferedBytes <= limits.maxBufferedBytes / 2) {
      tell(text);
      return;
    }
    return new Promise((resolve) => transport.send(text, resolve));
  };
  /** Whether a frame that is not kept may be sent now. */
  const hasRoom = (): boolean => {
    if (over || !takesVolatile) return false;
    if (transport.bufferedBytes <= limits.maxBufferedBytes) return true;
    if (mode === 'plain') close(CloseCode.SlowConsumer, 'too slow');
    else greeting.missed();
    return false;
  };
  const send = (text: string) => {
    if (hasRoom()) transport.send(text);
  };
  const sayHeartbeat = () => {
    if (mode === 'plain') send(HEARTBEAT_TEXT);
    else tell(HEARTBEAT_TEXT);
  };
  const reply = (text: string) => {
    if (takesVolatile) send(text);
    else if (!over && heldReplies.length < MAX_HELD_REPLIES_COUNT) heldReplies.push(text);
  };
  const beginVolatile = () => {
    takesVolatile = true;
    heldReplies.splice(0).forEach(send);
  };

  const greeting = createGreeting({
    clock,
    show: options.showOnline,
    send(online) {
      tell(presenceText(online));
      if (!takesVolatile) beginVolatile();
    },
  });

  const runner = createCommandRunner({
    engine,
    userId,
    windowCount: limits.windowCount,
    handle: options.handle,
    channels: options.channels,
    reply,
    tell,
    tooManyClients: tooMany,
    report,
  });
  const queue = createCommandQueue({
    clock,
    async run(command, isOverdue) {
      // Plain mode has paid on arrival; recovery is nobody's command.
      if (mode !== 'plain' && command !== RECOVERY) await pace.turn();
      if (!refusing) await runner.run(command, isOverdue);
    },
    failed(cause) {
      const error =
        cause instanceof StatesocketError
          ? cause
          : new StatesocketError('command-failed', 'A command did not finish in time.', { cause });
      refuseCommands();
      // A socket that has closed in the meantime cannot be told; the error is not lost.
      if (over) report(error);
      else if (error.code === 'command-reused') fail(error, CloseCode.BadProtocol, 'command reused');
      else fail(error);
    },
  });

  const becomePlain = () => {
    if (negotiation !== null) clock.clearTimeout(negotiation);
    mode = 'plain';
    plainLog = createLogReader({
      engine,
      userId,
      position: options.position,
      send: (entry) => sendLogged(durableText(entry), 1),
      lost: () => close(CloseCode.SlowConsumer, 'too far behind'),
      failed: logFailed,
    });
    plainLog.wake();
    beginVolatile();
    void options.showOnline((online) => {
      for (const other of online) send(presenceChangeText(true, other));
    });
  };
  const becomeResumable = () => {
    if (negotiation !== null) clock.clearTimeout(negotiation);
    plainLog?.stop();
    plainLog = null;
    mode = 'resumable';
    takesVolatile = false;
    log = createResumableLog({
      engine,
      userId,
      windowCount: limits.windowCount,
      send: sendLogged,
      greet: greeting.greet,
      failed: logFailed,
    });
    queue.push([RECOVERY], 0, maxWaitingBytes());
  };

  const checkToken = createTokenCheck({
    userId,
    identify: options.identify,
    report: (error) => {
      if (!over) report(error);
    },
    close,
  });
  const heartbeat = startHeartbeat({
    clock,
    everyMs: limits.heartbeatMs,
    beat() {
      // A doorbell may have been lost: each beat reads the log.
      if (log === null) sayHeartbeat();
      else log.beat();
      if (over) return;
      // A page of this user's may have died elsewhere in the midst of a command.
      if (log !== null) runner.lookForHalfTold();
      transport.ping();
      plainLog?.wake();
      if (transport.bufferedBytes <= limits.maxBufferedBytes) greeting.mend();
      void checkToken();
    },
    lost() {
      if (over) return;
      refuseCommands();
      end();
      transport.terminate();
    },
  });

  /** Whether the client may send this much now. */
  const pays = ({ acks, commands, memberCount }: Inbound): boolean => {
    const freeAckCount = Math.min(expectedAckCount, acks.length);
    expectedAckCount -= freeAckCount;
    // Commands of the extension wait for their turn instead.
    const commandCount = mode === 'plain' ? 0 : commands.length;
    const price = Math.max(1, memberCount) - freeAckCount - commandCount;
    const purse = mode === 'plain' ? bucket : controlBucket;
    for (let paid = 0; paid < price; paid += 1) if (!purse.take()) return false;
    return true;
  };
  const maxWaitingBytes = () =>
    mode === 'plain' ? MAX_WAITING_BYTES : limits.windowCount * limits.maxPayloadBytes;

  return {
    userId,
    start() {
      if (over) return;
      stopListening = engine.subscribe(userId, () => (log ?? plainLog)?.wake());
      tell(welcomeText(limits.heartbeatMs, limits.windowCount));
      negotiation = clock.setTimeout(becomePlain, NEGOTIATION_MS);
    },
    receiveText(text) {
      if (over || refusing) return;
      const inbound = readInbound(text);
      if (inbound instanceof StatesocketError) return fail(inbound, CloseCode.BadProtocol, 'bad frame');
      if (inbound.resume !== null && log === null) becomeResumable();
      else if (mode === 'open' && !inbound.isOfExtension) becomePlain();
      if (!pays(inbound)) return tooMany();
      for (const id of inbound.acks) log?.acknowledge(id);
      if (inbound.asksForHeartbeat) sayHeartbeat();
      if (inbound.resume !== null) log?.resume(inbound.resume.after);
      if (!over && !queue.push(inbound.commands, text.length, maxWaitingBytes())) tooMany();
    },
    receiveBinary(data) {
      if (over || refusing) return;
      if (mode === 'open') becomePlain();
      if (mode === 'plain' && !bucket.take()) return tooMany();
      const command = { name: null, command: { kind: 'binary', data } } as const;
      if (!queue.push([command], data.byteLength, maxWaitingBytes())) tooMany();
    },
    receivePong: heartbeat.answered,
    send,
    sendBinary(data) {
      if (hasRoom()) transport.sendBinary(data);
    },
    close,
    async drain(code, reason) {
      if (over) return;
      refuseCommands();
      await queue.settled();
      close(code, reason);
    },
    transportClosed() {
      if (!over) end();
    },
    settled: queue.settled,
  };
};
