import type { Clock } from '../../lib/clock.ts';
import type { StatesocketError } from '../../protocol/errors.ts';
import type { OutboxCommit } from './outbox-commit.ts';
import type { Entry } from './outbox-entry.ts';
import type { OutboxJudge } from './outbox-judge.ts';
import { createOutboxLine, type OutboxLine, type OutboxLink, type PlainLink } from './outbox-line.ts';
import type { OutboxQueue } from './outbox-queue.ts';
import type { Suspicion } from './suspicion.ts';

export interface SocketPartOptions {
  readonly clock: Clock;
  readonly queue: OutboxQueue;
  readonly suspicion: Suspicion;
  readonly judge: OutboxJudge;
  readonly commits: Pick<OutboxCommit, 'apply' | 'commit'>;
  /** A plain server has an entry: the app sees that before it leaves. */
  readonly show: () => void;
  /** The socket turned out to be of no use. */
  readonly onLost: () => void;
  readonly report: (error: StatesocketError) => void;
}

/** What a queue has of a socket: which one may be used, and the line on it while the chart allows one. */
export interface SocketPart {
  readonly link: PlainLink | null;
  readonly line: OutboxLine | null;
  /** Another socket is there. Null: none. */
  meets(link: PlainLink | null): void;
  /** Each begins a line on the socket that is there, and returns what ends it. */
  beginPlain(): () => void;
  beginFlow(): () => void;
}

export const createSocketPart = (options: SocketPartOptions): SocketPart => {
  const { queue, suspicion, judge } = options;
  const { apply, commit } = options.commits;
  const part: { link: PlainLink | null; line: OutboxLine | null } = { link: null, line: null };

  const begin = (link: PlainLink, window: (() => number) | null): (() => void) => {
    const line = createOutboxLine({
      link,
      window,
      clock: options.clock,
      queue,
      apply: (entry, event) => apply([{ entry, event }]),
      onTurn: (entry) => apply(judge.turn(entry, window === null)),
      onHandedOver(entries: readonly Entry[]) {
        options.show();
        queue.remove(entries);
      },
      onDrained: () => commit([]),
      onBroken() {
        part.link = null;
        options.onLost();
        link.broken();
      },
      report: options.report,
    });
    part.line = line;
    return () => {
      line.end();
      if (part.line === line) part.line = null;
    };
  };

  return {
    get link() {
      return part.link;
    },
    get line() {
      return part.line;
    },
    meets(link) {
      part.link = link;
    },
    beginPlain() {
      suspicion.clearsAll();
      return part.link === null ? () => {} : begin(part.link, null);
    },
    beginFlow() {
      const link = part.link as OutboxLink | null;
      return link === null ? () => {} : begin(link, () => (suspicion.isActive ? 1 : link.window));
    },
  };
};
