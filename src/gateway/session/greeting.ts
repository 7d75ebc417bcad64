import type { Clock, TimerHandle } from '../../lib/clock.ts';

/** How long the messages of a log wait for the app to say whom its user may watch. */
export const GREETING_DEADLINE_MS = 1_000;

/** Sends PRESENCE to one socket. */
export interface Greeting {
  /**
   * Shows who is online. Resolves, within the deadline, when PRESENCE was sent: an empty one, if the app is too slow or
   * fails and the socket had none yet. Does not reject.
   */
  greet(): Promise<void>;
  /** Greets again at the next call, if the last greeting failed or something volatile was dropped since. */
  mend(): void;
  /** Something volatile was dropped: what the socket knows of presence may be wrong. */
  missed(): void;
  stop(): void;
}

export const createGreeting = (options: {
  readonly clock: Clock;
  /** Hands out who is online, at the moment of sending. False: it could not be found out. */
  readonly show: (receive: (online: readonly string[]) => void) => Promise<boolean>;
  readonly send: (online: readonly string[]) => void;
}): Greeting => {
  const { clock, show } = options;
  const deadlines = new Set<TimerHandle>();
  let greeted = false;
  let owed = false;
  let stopped = false;

  const send = (online: readonly string[]) => {
    if (stopped) return;
    greeted = true;
    options.send(online);
  };
  const giveUp = () => {
    owed = true;
    if (!greeted) send([]);
  };

  const greet = () =>
    new Promise<void>((resolve) => {
      owed = false;
      const deadline = clock.setTimeout(() => {
        deadlines.delete(deadline);
        giveUp();
        resolve();
      }, GREETING_DEADLINE_MS);
      deadlines.add(deadline);
      void show(send).then((shown) => {
        if (!shown) giveUp();
        if (deadlines.delete(deadline)) clock.clearTimeout(deadline);
        resolve();
      });
    });

  return {
    greet,
    mend() {
      if (owed) void greet();
    },
    missed() {
      owed = true;
    },
    stop() {
      stopped = true;
      for (const deadline of deadlines) clock.clearTimeout(deadline);
      deadlines.clear();
    },
  };
};
