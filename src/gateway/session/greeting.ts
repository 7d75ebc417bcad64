import type { Clock, TimerHandle } from '../../lib/clock.ts';

/** How long the messages of a log wait for the app to say whom its user may watch. */
export const GREETING_DEADLINE_MS = 1_000;

/** Who is greeted. */
export interface GreetingOwner {
  readonly clock: Clock;
  /** Hands out who is online, at the moment of sending. False: it could not be found out. */
  showOnline(receive: (online: readonly string[]) => void): Promise<boolean>;
  sendPresence(online: readonly string[]): void;
}

/** Sends PRESENCE to one socket. A class: closures would cost each socket memory. */
export class Greeting {
  private readonly owner: GreetingOwner;
  /** Null: none runs. */
  private deadlines: Set<TimerHandle> | null = null;
  private greeted = false;
  private owed = false;
  private stopped = false;

  constructor(owner: GreetingOwner) {
    this.owner = owner;
  }

  /**
   * Shows who is online. Resolves, within the deadline, when PRESENCE was sent: an empty one, if the app is too slow or
   * fails and the socket had none yet. Does not reject.
   */
  greet(): Promise<void> {
    const { owner } = this;
    return new Promise<void>((resolve) => {
      this.owed = false;
      const deadline = owner.clock.setTimeout(() => {
        this.forget(deadline);
        this.giveUp();
        resolve();
      }, GREETING_DEADLINE_MS);
      this.deadlines ??= new Set();
      this.deadlines.add(deadline);
      void owner
        .showOnline((online) => this.send(online))
        .then((shown) => {
          if (!shown) this.giveUp();
          if (this.forget(deadline)) owner.clock.clearTimeout(deadline);
          resolve();
        });
    });
  }

  /** Greets again at the next call, if the last greeting failed or something volatile was dropped since. */
  greetIfOwed(): void {
    if (this.owed) void this.greet();
  }

  /** Something volatile was dropped: what the socket knows of presence may be wrong. */
  missed(): void {
    this.owed = true;
  }

  stop(): void {
    this.stopped = true;
    for (const deadline of this.deadlines ?? []) this.owner.clock.clearTimeout(deadline);
    this.deadlines = null;
  }

  private forget(deadline: TimerHandle): boolean {
    const wasThere = this.deadlines?.delete(deadline) ?? false;
    if (this.deadlines?.size === 0) this.deadlines = null;
    return wasThere;
  }

  private send(online: readonly string[]) {
    if (this.stopped) return;
    this.greeted = true;
    this.owner.sendPresence(online);
  }

  private giveUp() {
    this.owed = true;
    if (!this.greeted) this.send([]);
  }
}
