import type { SessionTransport } from '../wire/session-transport.ts';

/** How many replies wait for the first PRESENCE. More are lost, as on a socket that has closed. */
const MAX_HELD_REPLIES_COUNT = 128;

/**
 * The one way out of a session: every frame to its socket passes here. There are three kinds. What belongs to the protocol is
 * little and never dropped; what comes out of the log waits there while too much waits here; the rest is volatile and dropped.
 */
export class Outlet {
  /** How many ACKs what was sent is owed. */
  expectedAckCount = 0;
  /** Whether the client may be sent what is volatile. */
  private takesVolatile = false;
  private heldReplies: string[] | null = null;
  private isShut = false;
  private readonly transport: SessionTransport;
  private readonly maxBufferedBytes: number;
  /** Something volatile was dropped. */
  private readonly missed: () => void;

  constructor(transport: SessionTransport, maxBufferedBytes: number, missed: () => void) {
    this.transport = transport;
    this.maxBufferedBytes = maxBufferedBytes;
    this.missed = missed;
  }

  /** Whether more waits for the socket than may. */
  get isCrowded(): boolean {
    return this.transport.bufferedBytes > this.maxBufferedBytes;
  }

  /** Sends what belongs to the protocol. */
  tell(text: string): void {
    if (!this.isShut) this.transport.send(text);
  }

  /** Sends what comes out of the log. A promise: too much waits for this socket, give it no more before it resolves. */
  sendLogged(text: string, entryCount: number): Promise<void> | undefined {
    if (this.isShut) return;
    this.expectedAckCount += entryCount;
    if (this.transport.bufferedBytes <= this.maxBufferedBytes / 2) {
      this.transport.send(text);
      return;
    }
    return new Promise((resolve) => this.transport.send(text, resolve));
  }

  /** Sends a frame that is not kept, or drops it. */
  send(text: string): void {
    if (this.hasRoom()) this.transport.send(text);
  }

  sendBinary(data: ArrayBuffer | ArrayBufferView): void {
    if (this.hasRoom()) this.transport.sendBinary(data);
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

  /** Nothing goes out any more. */
  shut(): void {
    this.isShut = true;
    this.heldReplies = null;
  }

  private hasRoom(): boolean {
    if (this.isShut || !this.takesVolatile) return false;
    if (!this.isCrowded) return true;
    this.missed();
    return false;
  }
}
