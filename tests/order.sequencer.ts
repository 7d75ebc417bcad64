import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { SLOW_FILES } from './slow-files.ts';

/** What a file costs that is not listed, in seconds of CPU. */
const USUAL_SECONDS = 1;

interface Job {
  readonly spec: TestSpecification;
  readonly seconds: number;
  readonly waits: boolean;
}

/**
 * Deals jobs to workers, the longest first: as long as both kinds are left, half of the workers have one that mostly waits (for
 * sockets, processes, browsers) and the others one that computes. So no core is idle while something waits, and no more compute at
 * once than there are cores. Returns the jobs in the order in which they begin.
 */
export const dealOut = <J extends Omit<Job, 'spec'>>(jobs: readonly J[], workerCount: number): J[] => {
  const longestFirst = [...jobs].sort((one, other) => other.seconds - one.seconds);
  const waiting = longestFirst.filter(({ waits }) => waits);
  const computing = longestFirst.filter(({ waits }) => !waits);
  const workers = Array.from({ length: workerCount }, () => ({ freeAt: 0, waits: false }));
  const dealt: J[] = [];
  while (dealt.length < jobs.length) {
    const next = workers.reduce((one, other) => (other.freeAt < one.freeAt ? other : one));
    const waitingCount = workers.filter(
      (one) => one !== next && one.freeAt > next.freeAt && one.waits,
    ).length;
    const wantsWaiting = waitingCount < Math.floor(workerCount / 2);
    const [first, second] = wantsWaiting ? [waiting, computing] : [computing, waiting];
    const job = first.shift() ?? second.shift();
    if (job === undefined) break;
    next.freeAt += job.seconds;
    next.waits = job.waits;
    dealt.push(job);
  }
  return dealt;
};

/** The order of all test files in a run: see {@link dealOut}. What files cost is in slow-files.ts. */
export class OrderSequencer extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const { root, maxWorkers } = this.ctx.config;
    // As vitest sorts them: files of one project together, since they can share a worker.
    const jobs = (await super.sort(specs)).map((spec): Job => {
      const cost = SLOW_FILES[relative(root, spec.moduleId).replaceAll('\\', '/')];
      return { spec, seconds: cost?.[0] ?? USUAL_SECONDS, waits: cost?.[1] === 'waits' };
    });
    return dealOut(jobs, Number(maxWorkers)).map(({ spec }) => spec);
  }
}
