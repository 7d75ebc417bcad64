import type { Clock } from '../lib/clock.ts';
import { CloseCode } from '../protocol/close-codes.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { Command } from './command.ts';
import { createCommandQueue } from './command-queue.ts';
import type { Engine } from './engine.ts';
import { startHeartbeat } from './heartbeat.ts';
import { readInbound } from './inbound.ts';
import { createLogReader } from './log-reader.ts';
import { durableText, HEARTBEAT_TEXT } from './outgoing-text.ts';
import type { SessionTransport } from './session-transport.ts';
import { createTokenBucket } from './token-bucket.ts';

/** The limits of one session; see `GatewayOptions`. */
export interface SessionLimits {
  readonly heartbeatMs: number;
  readonly maxBufferedBytes: number;
  readonly maxCommandsPerSecond: number;
}

export interface SessionOptions {
  readonly userId: string;
  readonly transport: SessionTransport;
  readonly engine: Engine;
  /** The position of the log when the socket connected. */
  readonly position: string;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Whom the token of this socket names now; null when it is refused. */
  readonly identify: () => Promise<string | null>;
  readonly handle: (command: Command) => void | Promise<void>;
  readonly report: (error: StatesocketError) => void;
  /** Called once, when the session has ended for whatever reason. */
  readonly ended: () => void;
}

/** One authenticated socket of one user. Knows neither `ws` nor HTTP nor the platform's clock. */
export interface Session {
  readonly userId: string;
  /** Begins to follow the log. Call it when the gateway knows the session. */
  start(): void;
  receiveText(text: string): void;
  receiveBinary(data: ArrayBuffer): void;
  receivePong(): void;
  /** Sends a frame that is not kept. A peer that reads too slowly for it is closed with 4408. */
  send(text: string): void;
  sendBinary(data: ArrayBuffer | ArrayBufferView): void;
  /** Ends the session from this side. Frames and commands that wait are dropped. */
  close(code: number, reason: string): void;
  /** The transport has closed. Commands that were received before still run. */
  transportClosed(): void;
  /** Resolves when no command runs any more. */
  settled(): Promise<void>;
}

/** Makes the session of a socket whose token was accepted. */
export const createSession = (options: SessionOptions): Session => {
  const { userId, transport, engine, clock, limits, report } = options;
  const bucket = createTokenBucket(limits.maxCommandsPerSecond, clock);
  let over = false;
  let stopListening = () => {};
  /** ACKs that answer what was sent are free; others are commands as any. */
  let expectedAckCount = 0;
  let checkingToken = false;

  const end = () => {
    over = true;
    heartbeat.stop();
    reader.stop();
    stopListening();
    options.ended();
  };
  const close = (code: number, reason: string) => {
    if (over) return;
    queue.abandon();
    end();
    transport.close(code, reason);
  };
  const fail = (error: StatesocketError, code: number, reason: string) => {
    if (over) return;
    report(error);
    close(code, reason);
  };

  /** Whether the peer can take one more frame that is not kept. */
  const keepsUp = (): boolean => {
    if (over) return false;
    if (transport.bufferedBytes <= limits.maxBufferedBytes) return true;
    close(CloseCode.SlowConsumer, 'too slow');
    return false;
  };
  const send = (text: string) => {
    if (keepsUp()) transport.send(text);
  };

  const reader = createLogReader({
    engine,
    userId,
    position: options.position,
    send(entry) {
      expectedAckCount += 1;
      const text = durableText(entry.id, entry.text);
      if (transport.bufferedBytes <= limits.maxBufferedBytes / 2) {
        transport.send(text);
        return;
      }
      return new Promise((resolve) => transport.send(text, resolve));
    },
    lost: () => close(CloseCode.SlowConsumer, 'too far behind'),
    failed: (cause) =>
      fail(
        new StatesocketError('engine-failed', 'The log could not be read.', { cause }),
        CloseCode.TryAgainLater,
        'try again later',
      ),
  });

  const queue = createCommandQueue({
    clock,
    run: options.handle,
    failed(cause) {
      const message = cause === undefined ? 'A command did not finish in time.' : 'A command failed.';
      const error = new StatesocketError('command-failed', message, { cause });
      // A socket that has closed in the meantime cannot be told; the error is not lost.
      if (over) report(error);
      else fail(error, CloseCode.TryAgainLater, 'try again later');
    },
  });

  const checkToken = async () => {
    if (checkingToken) {
      fail(
        new StatesocketError('authenticate-failed', 'authenticate did not answer in time.'),
        CloseCode.TryAgainLater,
        'try again later',
      );
      return;
    }
    checkingToken = true;
    try {
      if ((await options.identify()) !== userId) close(CloseCode.Unauthenticated, 'unauthenticated');
    } catch {
      // `identify` has reported it, without the cause: that may name the token.
      close(CloseCode.TryAgainLater, 'try again later');
    } finally {
      checkingToken = false;
    }
  };

  const heartbeat = startHeartbeat({
    clock,
    everyMs: limits.heartbeatMs,
    beat() {
      send(HEARTBEAT_TEXT);
      if (over) return;
      transport.ping();
      // A doorbell may have been lost.
      reader.wake();
      void checkToken();
    },
    lost() {
      if (over) return;
      queue.abandon();
      end();
      transport.terminate();
    },
  });

  const tooMany = () => close(CloseCode.TooMany, 'too many commands');

  return {
    userId,
    start() {
      if (over) return;
      stopListening = engine.subscribe(userId, reader.wake);
      reader.wake();
    },
    receiveText(text) {
      if (over) return;
      const inbound = readInbound(text);
      if (inbound instanceof StatesocketError) {
        fail(inbound, CloseCode.BadProtocol, 'bad frame');
        return;
      }
      const freeAckCount = Math.min(expectedAckCount, inbound.ackCount);
      expectedAckCount -= freeAckCount;
      const cost = Math.max(1, inbound.memberCount) - freeAckCount;
      for (let spent = 0; spent < cost; spent += 1) {
        if (!bucket.take()) return tooMany();
      }
      if (inbound.asksForHeartbeat) send(HEARTBEAT_TEXT);
      if (!over && !queue.push(inbound.commands, text.length)) tooMany();
    },
    receiveBinary(data) {
      if (over) return;
      if (!bucket.take() || !queue.push([{ kind: 'binary', data }], data.byteLength)) tooMany();
    },
    receivePong: heartbeat.answered,
    send,
    sendBinary(data) {
      if (keepsUp()) transport.sendBinary(data);
    },
    close,
    transportClosed() {
      if (!over) end();
    },
    settled: queue.settled,
  };
};
