import { setImmediate } from 'node:timers';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { StatesocketError } from '../../protocol/errors.ts';
import lines from './sqlite-thread.json' with { type: 'json' };
import type { Call, CallName, CallTypes, Failure, FromThread, ThreadData } from './thread/calls.ts';

/** How long opening the file may take: it waits for 5 s for another program's lock. */
const OPEN_DEADLINE_MS = 15_000;
/** A thread that has died is started again at a call, but not more often than this. */
const RESTART_AFTER_MS = 1_000;

/** The thread that has the database open, as the gateway's side sees it. */
export interface SqliteThread {
  /** Calls of one user are done in the order in which they are made. */
  call<Name extends CallName>(name: Name, args: CallTypes[Name]['args']): Promise<CallTypes[Name]['result']>;
  /** Sends what was called, which otherwise leaves when this turn of the event loop has ended. */
  flush(): void;
  /** Lets it finish what was called, and resolves when it has ended. */
  close(): Promise<void>;
}

/** The source of the thread: as text, since a file would have to be found from sources, packages and bundles. */
export const THREAD_SOURCE = lines.join('\n');

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

const isPlain = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number';

/** libsql ends the whole process over a boolean, and what cannot be copied would keep others from being sent. */
const checkPlain = (args: readonly unknown[]) => {
  for (const arg of args) {
    if (arg === undefined || isPlain(arg)) continue;
    if (typeof arg === 'object' && Object.values(arg as object).every(isPlain)) continue;
    throw new StatesocketError(
      'engine-failed',
      'The engine was given something else than texts and numbers. Give it the text of a JSON object, and ids that are strings.',
    );
  }
};

const failedBy = ({ words, code, message }: Failure) =>
  new StatesocketError('engine-failed', words, { cause: Object.assign(new Error(message), { code }) });

interface Running {
  readonly port: MessagePort;
  readonly opened: Int32Array<SharedArrayBuffer>;
  readonly worker: Worker;
}

interface Dead {
  readonly diedAtMs: number;
  readonly error: StatesocketError;
}

/** One start of the thread. It has a port, and whoever started it waits for the first message there. */
const start = (source: string, data: ThreadData): Running => {
  const { port1: port, port2 } = new MessageChannel();
  const opened = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(source, {
    eval: true,
    workerData: { data, port: port2, opened },
    transferList: [port2],
    // What the process was started with, a loader for instance, is not for this thread.
    execArgv: [],
  });
  worker.unref();
  return { port, opened, worker };
};

/**
 * Starts the thread and waits until it has opened the file: whoever makes an engine learns at once that it cannot be.
 *
 * A thread that dies fails what was called with `engine-failed`, and is started again by a later call: all that it knew is
 * in the file. An engine without calls keeps no process alive.
 *
 * @param source For tests: the thread with something done to it.
 * @throws {StatesocketError} `engine-failed`.
 */
export const startSqliteThread = (
  dataNow: () => ThreadData,
  source = THREAD_SOURCE,
  openDeadlineMs = OPEN_DEADLINE_MS,
): SqliteThread => {
  const pending = new Map<number, Pending>();
  const outgoing: Call[] = [];
  let lastId = 0;
  let closing: Promise<void> | null = null;
  /** The thread that runs, or when the last one died, and of what. */
  let thread: Running | Dead | null = null;
  const running = (): Running | null => (thread !== null && 'port' in thread ? thread : null);

  const settle = (id: number, settleOne: (one: Pending) => void) => {
    const one = pending.get(id);
    pending.delete(id);
    if (one !== undefined) settleOne(one);
  };
  const die = (error: StatesocketError) => {
    running()?.port.close();
    thread = { diedAtMs: performance.now(), error };
    outgoing.length = 0;
    for (const id of [...pending.keys()]) settle(id, ({ reject }) => reject(error));
  };
  const hear = (message: FromThread) => {
    if (message === 'opened') return;
    if ('words' in message) return die(failedBy(message));
    for (const [id, failure, result] of message)
      settle(id, ({ resolve, reject }) => {
        if (failure === null) resolve(result as never);
        else reject(failedBy(failure));
      });
    if (pending.size === 0) running()?.port.unref();
  };
  const attach = (started: Running) => {
    thread = started;
    const isCurrent = () => thread === started;
    const diedOf = (cause: unknown) => {
      if (!isCurrent()) return;
      const words = 'The thread of the sqlite engine has ended. What was under way may or may not be stored.';
      die(new StatesocketError('engine-failed', words, { cause }));
    };
    started.worker.on('error', diedOf);
    started.worker.on('exit', (code) => diedOf(new Error(`It ended with the code ${code}.`)));
    started.port.on('message', (message: FromThread) => {
      if (isCurrent()) hear(message);
    });
    started.port.unref();
  };

  const flush = () => {
    const calls = outgoing.splice(0);
    if (calls.length > 0) running()?.port.postMessage(calls);
  };

  const first = start(source, dataNow());
  Atomics.wait(first.opened, 0, 0, openDeadlineMs);
  const greeting = receiveMessageOnPort(first.port)?.message as FromThread | undefined;
  if (greeting !== 'opened') {
    // What it died of, if it did, would end the process as an error that nobody hears.
    first.worker.on('error', () => {});
    void first.worker.terminate();
    first.port.close();
    if (greeting !== undefined && 'words' in greeting) throw failedBy(greeting);
    throw new StatesocketError('engine-failed', 'The thread of the sqlite engine did not start in time.');
  }
  attach(first);

  return {
    call: (name, args) =>
      new Promise((resolve, reject) => {
        checkPlain(args);
        if (closing !== null) throw new StatesocketError('engine-failed', 'The engine is closed.');
        if (thread === null || 'error' in thread) {
          if (thread !== null && performance.now() < thread.diedAtMs + RESTART_AFTER_MS) throw thread.error;
          attach(start(source, dataNow()));
        }
        running()?.port.ref();
        lastId += 1;
        pending.set(lastId, { resolve, reject });
        if (outgoing.length === 0) setImmediate(flush);
        outgoing.push([lastId, name, args] as Call);
      }),
    flush,
    close() {
      closing ??= new Promise((resolve) => {
        flush();
        const ending = running();
        if (ending === null) return resolve();
        ending.worker.ref();
        ending.worker.once('exit', () => resolve());
        ending.port.postMessage('close');
      });
      return closing;
    },
  };
};
