import type { Clock } from '../../lib/clock.ts';
import type { TakeTurn } from '../fair-scheduler.ts';
import type { Observation } from '../observation/observation.ts';
import type { SessionTransport } from '../wire/session-transport.ts';
import { Backlog, type Outgoing } from './backlog.ts';

/** How many replies wait for the first PRESENCE. More are lost, as on a socket that has closed. */
const MAX_HELD_REPLIES_COUNT = 128;
/** How much is handed to the transport at once: what it has cannot be taken back, and shows no progress before it has left. */
const MAX_HANDED_BYTES = 64 * 1024;
/** And how many frames, however small: each costs more there than its bytes. */
const MAX_HANDED_COUNT = 128;
/** How many frames become one write, where they have waited: to build it is a small part of a turn. */
const MAX_JOINED_COUNT = 1_024;
/** How long a socket may take none of what waits for it. A sign of life is no progress: some pong and never read. */
const STALL_MS = 60_000;
/** And so much longer for what the transport has already: a large frame shows no progress before all of it has left. */
const SLOWEST_BYTES_PER_MS = 16;

/** Whose outlet it is. */
interface OutletOwner {
  /** Something volatile was dropped. */
  missed(): void;
  readonly observation: Observation | null;
  /** Asks for the next turn of the event loop, or undefined: now. */
  readonly takeTurn: TakeTurn;
}

/**
 * The one way out of a session: every frame to its socket passes here, and what kind it is decides what becomes of it when the
 * socket reads slowly (docs/decisions/outlet.md). Together they keep to `maxBufferedBytes`, one frame and the newest receipts.
 */
export class Outlet {
  /** How many ACKs what was sent is owed. */
  expectedAckCount = 0;
  /** Whether the client may be sent what is volatile. */
  private takesVolatile = false;
  private heldReplies: string[] | null = null;
  /** What the socket has not taken yet. Null: the transport has it all, and it is little. */
  private backlog: Backlog | null = null;
  private isShut = false;
  /** How many frames the transport was given since it last had none. */
  private handedCount = 0;
  /** When a backlog last ended. */
  private clearedAt = Number.NEGATIVE_INFINITY;
  private readonly transport: SessionTransport;
  private readonly clock: Clock;
  private readonly maxBufferedBytes: number;
  private readonly owner: OutletOwner;

  constructor(options: {
    readonly transport: SessionTransport;
    readonly clock: Clock;
    readonly maxBufferedBytes: number;
    readonly owner: OutletOwner;
  }) {
    this.transport = options.transport;
    this.clock = options.clock;
    this.maxBufferedBytes = options.maxBufferedBytes;
    this.owner = options.owner;
  }

  /** Whether the log, and who asks for it, has to wait. */
  get isCrowded(): boolean {
    return this.waitingBytes > this.maxBufferedBytes / 2;
  }

  /** Whether frames wait: a ping would have to wait behind them. */
  get isSlow(): boolean {
    return this.backlog !== null;
  }

  /**
   * How long a ping may be unanswered. What the kernels of both sides hold cannot be seen: after a backlog it may take as long
   * as a stall before a ping is read that came behind it.
   */
  patienceMs(now: number): number {
    return now - this.clearedAt < STALL_MS ? STALL_MS : 0;
  }

  /** Whether the socket has taken nothing of what waits for so long that it never will. Called at each heartbeat. */
  isStalled(now: number): boolean {
    const { backlog, transport } = this;
    if (backlog === null) return false;
    const { bufferedBytes } = transport;
    // What was handed on before the backlog began leaves without a word.
    if (bufferedBytes < backlog.seenBytes) backlog.movedAt = now;
    backlog.seenBytes = bufferedBytes;
    return now - backlog.movedAt >= STALL_MS + bufferedBytes / SLOWEST_BYTES_PER_MS;
  }

  /** Sends what begins something: WELCOME, PRESENCE. Whoever calls it has looked at `room`. */
  tell(text: string): void {
    if (this.isShut) return;
    this.write(text);
    this.tellOf('greeting');
  }

  /** Sends a HEARTBEAT, or nothing: where frames wait, they are the sign of life. */
  beat(frame: Outgoing): void {
    if (this.isShut || this.backlog !== null) return;
    this.write(frame);
    this.tellOf('heartbeat');
  }

  /** Sends a receipt. It is cumulative: of those that wait, the newest of a client stands for all. */
  receipt(clientId: string, text: string): void {
    if (this.isShut) return;
    if (this.backlog === null) this.write(text);
    else this.backlog.keepReceipt(clientId, text);
    this.tellOf('receipt');
  }

  /** Resolves when the log may send again. Undefined: it may now. */
  room(): Promise<void> | undefined {
    return this.backlog !== null && this.isCrowded ? this.backlog.room() : undefined;
  }

  /** Sends what comes out of the log. A promise: too much waits for this socket, give it no more before it resolves. */
  sendLogged(text: string, entryCount: number): Promise<void> | undefined {
    if (this.isShut) return undefined;
    this.expectedAckCount += entryCount;
    const wasCrowded = this.isCrowded;
    this.write(text);
    if (entryCount > 0) this.tellOf('durable', entryCount);
    else this.tellOf('greeting');
    return wasCrowded ? this.room() : undefined;
  }

  /** Sends a frame that is not kept, or drops it. */
  send(frame: Outgoing): void {
    if (this.isShut || !this.takesVolatile) return;
    if (this.waitingBytes <= this.maxBufferedBytes) {
      this.write(frame);
      this.tellOf('live');
    } else {
      this.owner.observation?.record('message.dropped', 1, '');
      this.owner.missed();
    }
  }

  /** Sends a reply to a command. It waits until the client may be sent what is volatile. */
  reply(text: string): void {
    if (this.isShut) return;
    if (this.takesVolatile) {
      this.send(text);
      return;
    }
    this.heldReplies ??= [];
    if (this.heldReplies.length < MAX_HELD_REPLIES_COUNT) this.heldReplies.push(text);
  }

  /** The client knows who is online: from now on it may be sent what is volatile. */
  openVolatile(): void {
    if (this.takesVolatile) return;
    this.takesVolatile = true;
    const held = this.heldReplies ?? [];
    this.heldReplies = null;
    for (const text of held) this.send(text);
  }

  holdVolatile(): void {
    this.takesVolatile = false;
  }

  /** Nothing goes out any more. What waits is handed on, or dropped. */
  shut(then: 'hand on' | 'drop'): void {
    const { backlog } = this;
    this.isShut = true;
    this.heldReplies = null;
    this.backlog = null;
    if (backlog === null) return;
    if (then === 'hand on' && this.transport.isOpen) {
      while (!backlog.isEmpty) this.transport.sendAll(this.takeSome(backlog));
      for (const text of backlog.takeReceipts()) this.transport.send(text);
    }
    backlog.tellAll();
  }

  private tellOf(kind: string, count = 1): void {
    this.owner.observation?.record('message.sent', count, kind);
  }

  private get waitingBytes(): number {
    return this.transport.bufferedBytes + (this.backlog?.bytes ?? 0);
  }

  private get maxHandedBytes(): number {
    return Math.min(MAX_HANDED_BYTES, this.maxBufferedBytes / 4);
  }

  private write(frame: Outgoing): void {
    // Nothing that waits for a peer that is gone can leave any more, and nothing says when the transport will have closed.
    if (!this.transport.isOpen) this.shut('drop');
    else if (this.backlog !== null) this.backlog.push(frame);
    else this.hand(frame);
  }

  private hand(frame: Outgoing): void {
    const { transport } = this;
    const { bufferedBytes } = transport;
    const size = typeof frame === 'string' ? frame.length * 3 : frame.bytes.length;
    if (bufferedBytes === 0) this.handedCount = 0;
    if (bufferedBytes + size <= this.maxHandedBytes && this.handedCount < MAX_HANDED_COUNT) {
      this.handedCount += 1;
      transport.send(frame);
      return;
    }
    // The transport has all before it; that it leaves tells of progress.
    const backlog = new Backlog(this.clock.now());
    this.backlog = backlog;
    transport.sendAll([frame], () => this.left(backlog));
  }

  private takeSome(backlog: Backlog): Outgoing[] {
    return backlog.take(MAX_JOINED_COUNT, this.maxHandedBytes);
  }

  /** What was handed on last has left the process, and all before it. */
  private left(backlog: Backlog): void {
    if (backlog !== this.backlog) return;
    backlog.movedAt = this.clock.now();
    if (!this.transport.isOpen) this.shut('drop');
    else if (backlog.isEmpty) this.clear(backlog);
    else this.goOn(backlog);
  }

  private goOn(backlog: Backlog): void {
    // A peer that begins to read may take all at once: others come in between.
    const turn = this.owner.takeTurn();
    if (turn === undefined) this.handOver(backlog);
    else void turn.then(() => this.handOver(backlog));
  }

  private handOver(backlog: Backlog): void {
    if (backlog !== this.backlog) return;
    this.transport.sendAll(this.takeSome(backlog), () => this.left(backlog));
    if (!this.isCrowded) backlog.tellAll();
  }

  private clear(backlog: Backlog): void {
    this.backlog = null;
    this.clearedAt = backlog.movedAt;
    backlog.tellAll();
    for (const text of backlog.takeReceipts()) this.write(text);
  }
}
