import type { SharedFrame } from '../wire/shared-frame.ts';

/** What reads a socket, and may leave it to TCP for a while. */
export interface Reader {
  /** All that had come by then is read: a pong that is not among it came later, or never. */
  readUntil(now: number): number;
  /** So many more bytes of memory are kept of it as commands that run or wait, or fewer. */
  kept(bytes: number): void;
}

/** One authenticated socket of one user. Knows neither `ws` nor HTTP nor the platform's clock. */
export interface Session {
  readonly userId: string;
  /** Sends WELCOME and listens for the doorbell. Call it when the gateway knows the session. */
  start(): void;
  /** Names what reads its socket. Without one, all that comes is read at once. */
  readBy(reader: Reader): void;
  receiveText(text: string): void;
  receiveBinary(data: ArrayBuffer): void;
  receivePong(): void;
  /** Its commands that do not run yet. */
  readonly waitingCommandCount: number;
  /**
   * Since when it has been silent: the first ping without a pong, later by as long as its socket was not read. Null: none
   * is out, or nothing was read since.
   */
  readonly silentSince: number | null;
  /** Asks for a sign of life. Called back once, when one comes or the session ends; at once where frames wait instead. */
  probe(answered: () => void): void;
  /**
   * Sends a frame that is not kept. Dropped until it is settled what the client speaks, and who is online was shown. A peer
   * that reads too slowly for it goes without or, in plain mode, is closed with 4408.
   */
  send(frame: SharedFrame): void;
  /** Ends the session from this side. Commands that wait are dropped; frames that wait are handed on, but with 4408. */
  close(code: number, reason: string, minDelayMs?: number): void;
  /** Takes no more commands, finishes the one that runs, receipt included, and closes. */
  drain(code: number, reason: string, minDelayMs?: number): Promise<void>;
  /** The transport has closed. Commands that were received before still run. */
  transportClosed(): void;
  /** Resolves when no command runs any more. */
  settled(): Promise<void>;
}
