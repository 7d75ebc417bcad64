import type { CommandName } from '../protocol/extension.ts';

/** Why a SKIP goes in place of a command. */
export type SkipReason = 'expired' | 'discarded' | 'quarantined';

/** One command as a store keeps it. Its name (clientId, n, key) and its text never change. */
export interface StoredEntry extends CommandName {
  readonly userId: string;
  /** The message as JSON, without its name. */
  readonly text: string;
  /** When it was queued, in ms as `clock.now()` of its page counted. */
  readonly queuedAt: number;
  /** A server of the extension may have it under its number: no other server is given it, since that one would do it again. */
  readonly numbered?: true;
  /** A SKIP goes in its place. Absent: the message itself goes. */
  readonly skip?: SkipReason;
  /** The code it failed with. Absent: it waits for a verdict. */
  readonly failure?: string;
}

/** Whose entries are asked for, and by whom. */
export interface StoreRequest {
  readonly userId: string;
  /** The name under which this session will number. Nobody else uses it. */
  readonly clientId: string;
  /**
   * Takes what a session that is over has left for this user, all of one `clientId` in one call: now, and whenever
   * another page has died. Not called any more once the session is closed.
   */
  readonly adopt: (entries: readonly StoredEntry[]) => void;
}

/**
 * A store while one user is connected. Operations take effect in the order in which they were called, those before
 * `close` included. Each returns undefined when it is done at once, or a promise that rejects when it failed.
 */
export interface StoreSession {
  /** Settled once everything that was left by then has been handed to `adopt`. */
  readonly loaded: Promise<void> | undefined;
  /**
   * Whether no other page can send what this session has put. Where that cannot be known it is false, and an entry
   * fails through a verdict of the server only.
   */
  readonly exclusive: boolean;
  /**
   * Keeps an entry, in place of what it has under that key. Where `exclusive` is false it keeps none without those that
   * were put before it, since another page may send what it finds.
   */
  put(entry: StoredEntry): Promise<void> | undefined;
  /** Forgets entries. Those that it does not have are nothing to complain about. */
  remove(entries: readonly StoredEntry[]): Promise<void> | undefined;
  /**
   * Ends the session. What is left may be adopted by others, once all that was asked for is done, but for the clientIds in
   * `held`: this page goes on speaking for those. Called again whenever others are held. Does not throw.
   */
  close(held: ReadonlySet<string>): void;
}

/**
 * Where an outbox keeps its commands beyond the life of a page: the setting `storage` of `durableDelivery`. May
 * fail in any way: what it could not keep is kept in memory, and that is reported (`storage-failed`).
 */
export interface OutboxStore {
  /** A page has one session at a time. What one asked for takes effect before what the next one asks for. */
  open(request: StoreRequest): StoreSession;
}
