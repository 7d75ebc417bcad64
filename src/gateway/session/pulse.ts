import type { SessionTransport } from '../wire/session-transport.ts';

/** What one peer shows of being alive. It takes times and reads no clock: one more object per socket is enough. */
export class Pulse {
  /** When the first ping left that has no pong. Null: none is out. */
  private pingedAt: number | null = null;
  /** Who waits for a sign of life. */
  private answered: (() => void) | null = null;

  /** A sign of life, or nobody waits for one any more. */
  heard() {
    this.pingedAt = null;
    const { answered } = this;
    if (answered === null) return;
    this.answered = null;
    answered();
  }

  ping(transport: SessionTransport, now: number) {
    this.pingedAt ??= now;
    transport.ping();
  }

  /** Pings, and calls at the next sign of life. */
  probe(transport: SessionTransport, now: number, answered: () => void) {
    this.answered = answered;
    this.ping(transport, now);
  }

  /** From when on it has been silent; null: it is not. `readUntil`: what it sent since then may lie here unread. */
  silentSince(now: number, readUntil: number): number | null {
    if (this.pingedAt === null) return null;
    const unreadMs = now - readUntil;
    // One that had replied to its last ping before it was held back is alive.
    return unreadMs > 0 && now - unreadMs <= this.pingedAt ? null : this.pingedAt + unreadMs;
  }

  /** A ping has been out for this long, of which what was not read does not count. */
  isLost(readUntil: number, patienceMs: number): boolean {
    return this.pingedAt !== null && readUntil - this.pingedAt >= patienceMs;
  }
}
