import type { ScryptOptions } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { Refusal } from '../refusal.ts';

/** How much work waits, in all and of one network address. At 0.2 s each the last of them waits some 6 s. */
const MAX_WAITING_COUNT = 32;
const MAX_WAITING_OF_ADDRESS_COUNT = 16;
/** When it is worth trying again: about when half of a full queue is done. */
const RETRY_AFTER_MS = 3_000;

const tooManyOfNetwork = () =>
  new Refusal(
    'too-many-requests',
    'Your network signs in too often at once. Please try again in a moment.',
    RETRY_AFTER_MS,
  );
const busy = () =>
  new Refusal('busy', 'Too many people sign in just now. Please try again in a moment.', RETRY_AFTER_MS);

/**
 * scryptSync in a thread of its own. The asynchronous scrypt would run on libuv's four threads, which also read files,
 * look up names and compress: twelve sign-ins at once, and the web app waits for a minute. As text, since a worker's file
 * would have to be found from the sources, from a bundle and in tests.
 */
const WORKER_SOURCE = `
  const { parentPort } = require('node:worker_threads');
  const { scryptSync } = require('node:crypto');
  parentPort.on('message', ({ password, salt, bytes, options }) => {
    parentPort.postMessage(scryptSync(password, salt, bytes, options));
  });
`;

/** What a worker is asked to do. */
interface Task {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly bytes: number;
  readonly options: ScryptOptions;
}

interface Job {
  readonly task: Task;
  readonly done: (key: Buffer) => void;
  readonly failed: (error: unknown) => void;
}

/** Password work, one at a time, and not more than a few seconds of it. */
export interface PasswordQueue {
  /**
   * Does it when its turn comes; network addresses take turns, so that one that guesses delays nobody else by more than one
   * password. Refuses at once with `too-many-requests` when this address has enough waiting, and with `busy` when the queue
   * is full; who has the most waiting then makes room for whoever has less.
   */
  run(task: Task, address: string): Promise<Buffer>;
  /** Refuses what waits and ends the thread. */
  close(): Promise<void>;
}

export const createPasswordQueue = (
  startWorker = () => new Worker(WORKER_SOURCE, { eval: true }),
): PasswordQueue => {
  /** By address, the one whose turn it is first. No line is empty. */
  const lines = new Map<string, Job[]>();
  let waitingCount = 0;
  let running: Job | null = null;
  let worker: Worker | null = null;
  let closed = false;

  const settle = (settleJob: (job: Job) => void) => {
    const job = running;
    running = null;
    // A thread without work keeps no process alive.
    worker?.unref();
    if (job !== null) settleJob(job);
    next();
  };
  const start = (): Worker => {
    const started = startWorker();
    started.on('message', (key: Uint8Array) => settle(({ done }) => done(Buffer.from(key))));
    started.on('error', (error) => {
      if (worker === started) worker = null;
      settle(({ failed }) => failed(error));
    });
    return started;
  };
  function next() {
    if (running !== null) return;
    for (const [address, line] of lines) {
      running = line.shift() ?? null;
      waitingCount -= 1;
      lines.delete(address);
      if (line.length > 0) lines.set(address, line);
      break;
    }
    if (running === null) return;
    worker ??= start();
    worker.ref();
    worker.postMessage(running.task);
  }
  /** Refuses the newest of the longest line; false where none is longer than a line of this length would be. */
  const makeRoomFor = (length: number): boolean => {
    const longest = [...lines.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    if (longest.length <= length) return false;
    longest.pop()?.failed(busy());
    waitingCount -= 1;
    return true;
  };

  return {
    run: (task, address) =>
      new Promise((done, failed) => {
        const line = lines.get(address) ?? [];
        if (line.length >= MAX_WAITING_OF_ADDRESS_COUNT) throw tooManyOfNetwork();
        if (closed || (waitingCount >= MAX_WAITING_COUNT && !makeRoomFor(line.length + 1))) throw busy();
        line.push({ task, done, failed });
        lines.set(address, line);
        waitingCount += 1;
        next();
      }),
    async close() {
      closed = true;
      const left = [...lines.values()].flat();
      lines.clear();
      waitingCount = 0;
      if (running !== null) left.push(running);
      running = null;
      for (const { failed } of left) failed(busy());
      await worker?.terminate();
      worker = null;
    },
  };
};
