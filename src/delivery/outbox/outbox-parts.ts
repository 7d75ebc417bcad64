import type { OutboxEvent } from '../../../machines/index.ts';
import type { OutboxStore } from '../../actors/outbox-store.ts';
import type { Clock } from '../../lib/clock.ts';
import type { StatesocketError } from '../../protocol/errors.ts';
import { type AgeWatch, createAgeWatch } from './outbox-age.ts';
import { createOutboxCommit, type OutboxCommit } from './outbox-commit.ts';
import { createOutboxJudge, type OutboxJudge } from './outbox-judge.ts';
import { createOutboxQueue, type OutboxQueue } from './outbox-queue.ts';
import { createSocketPart, type SocketPart } from './socket-part.ts';
import { createSteadyStore, type SteadyStore, type SteadyStoreOptions } from './steady-store.ts';
import { createSuspicion, type Suspicion } from './suspicion.ts';

export interface OutboxPartsOptions extends Pick<SteadyStoreOptions, 'onAdopt'> {
  readonly clock: Clock;
  /** The time that ages are counted in. */
  readonly time: () => number;
  readonly userId: string;
  /** The name under which it numbers. Nobody else uses it. */
  readonly clientId: string;
  readonly uuid: () => string;
  readonly store: OutboxStore | null;
  /** How long an entry may wait, in ms. */
  readonly maxAgeMs: number;
  readonly onStoreFailure: (cause: unknown) => void;
  /** Something that an app sees may have changed. */
  readonly onShown: () => void;
  readonly report: (error: StatesocketError) => void;
  /** Whether the user is connected. */
  readonly isHere: () => boolean;
  /** Tells the chart. */
  readonly tell: (event: OutboxEvent) => void;
}

/** What a session works with. */
export interface OutboxParts {
  readonly queue: OutboxQueue;
  readonly suspicion: Suspicion;
  readonly store: SteadyStore;
  readonly commits: OutboxCommit;
  readonly age: AgeWatch;
  readonly judge: OutboxJudge;
  readonly socket: SocketPart;
}

/** Wires the parts of one session to each other. */
export const createOutboxParts = (options: OutboxPartsOptions): OutboxParts => {
  const { clock, report, tell } = options;
  const queue = createOutboxQueue();
  const suspicion = createSuspicion();
  const store = createSteadyStore({ ...options, onFailure: options.onStoreFailure });
  const commits = createOutboxCommit({
    queue,
    store,
    pump: () => socket.line?.pump(),
    show() {
      if (options.isHere()) age.watch();
      options.onShown();
    },
    onVerdictsKept() {
      // Where a line is at work its first command has gone.
      if (socket.line !== null || socket.link === null) return;
      tell({ type: 'verdicts.kept' });
      commits.commit([]);
    },
    report,
  });
  const age = createAgeWatch({ ...options, queue, onOver: (old) => commits.commit(judge.expiring(old)) });
  const judge = createOutboxJudge(age, store);
  const socket = createSocketPart({
    clock,
    queue,
    suspicion,
    judge,
    commits,
    show: options.onShown,
    onLost: () => tell({ type: 'link.lost' }),
    report,
  });
  return { queue, suspicion, store, commits, age, judge, socket };
};
