import { demand } from '../implementation.ts';

const LOOK_MS = 4_000;
const GRACE_MS = 3_000;
const CUTS = 3;
const DEAF = 2;

const isOneTimer = (quietMs: readonly number[]): boolean => {
  const [least, most] = [Math.min(...quietMs), Math.max(...quietMs)];
  const past = least - Math.floor((least + 250) / 1_000) * 1_000;
  return least >= 4_000 && most - least <= Math.max(500, least / 100) && past <= 250;
};

/** What is to be said of how the open sockets of a connection end, one after the other. */
export const createCloseModel = (now: () => number, expects: (code: string) => void) => {
  let isOpen = false;
  let passedAt = 0;
  /** When the close began that does not end. */
  let closing: { readonly from: number; by: number } | null = null;
  let quietMs: number[] = [];
  let hasHinted = false;
  let deafCount = 0;
  let isAnswered = false;
  let hasClosed = false;
  return {
    get isOpen() {
      return isOpen;
    },
    opens(): void {
      isOpen = true;
      isAnswered = false;
      hasClosed = false;
      closing = null;
      passedAt = now();
    },
    /** A frame passes, either way. */
    passes(): void {
      passedAt = now();
    },
    /** The socket is closed by the other side. A code of an application, or 1008, says why: that is no idle timeout. */
    closed(code: number): void {
      if (!isOpen) return;
      hasClosed = true;
      if (hasHinted) return;
      if (code >= 3_000 || code === 1008) {
        quietMs = [];
        return;
      }
      quietMs = [...quietMs, now() - passedAt].slice(-CUTS);
      if (quietMs.length < CUTS || !isOneTimer(quietMs)) return;
      hasHinted = true;
      expects('idle-timeout');
    },
    /** The connection leaves the socket. */
    left(): void {
      if (isOpen && !hasClosed) quietMs = [];
      isOpen = false;
      closing = null;
    },
    begins(): void {
      if (isOpen) closing ??= { from: now(), by: now() + LOOK_MS + GRACE_MS };
    },
    /** A frame cannot be sent: it is seen now. */
    isSeen(): void {
      if (closing !== null) closing.by = Math.min(closing.by, now() + GRACE_MS);
    },
    isStuck(): void {
      const from = closing === null ? Number.POSITIVE_INFINITY : closing.from + GRACE_MS;
      demand(
        now() >= from,
        'liveness',
        () => `stuck at ${now()} ms, which may not be said before ${from} ms`,
      );
    },
    wakesUp(): void {
      if (closing !== null) closing.by = Math.max(closing.by, now() + GRACE_MS);
    },
    isAnswered(): void {
      isAnswered = true;
      deafCount = 0;
    },
    isDeaf(): void {
      if (isAnswered) return;
      deafCount += 1;
      if (deafCount === DEAF) expects('ping-unanswered');
    },
    check(): void {
      const by = closing?.by ?? Number.POSITIVE_INFINITY;
      demand(now() < by, 'I11', () => `a close has begun, and is still waited for at ${by} ms`);
    },
  };
};
