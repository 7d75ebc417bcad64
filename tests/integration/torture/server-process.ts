import { type ChildProcess, fork } from 'node:child_process';

/** A server in a process of its own, which can be killed, frozen, filled up and started again on the same port. */
export interface ServerProcess {
  /** Resolves when it listens. Fails when it ends before. */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Sends it a signal and waits for its end. */
  end(name: NodeJS.Signals): Promise<void>;
  tell(what: object): void;
}

/** `reported` hears the code of each error that the server reports. */
export const createServerProcess = (
  script: string,
  args: readonly string[],
  reported: (code: string) => void,
): ServerProcess => {
  let child: ChildProcess | null = null;
  return {
    start: () =>
      new Promise((resolve, reject) => {
        const started = fork(script, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
        child = started;
        started.on('message', (news: { listening?: boolean; reported?: string }) => {
          if (news.listening) resolve();
          if (news.reported !== undefined) reported(news.reported);
        });
        started.once('error', reject);
        started.once('exit', (code, signal) => reject(new Error(`The server ended: ${signal ?? code}.`)));
      }),
    signal(name) {
      child?.kill(name);
    },
    async end(name) {
      const ended = child;
      if (ended === null || ended.exitCode !== null || ended.signalCode !== null) return;
      const over = new Promise((resolve) => ended.once('exit', resolve));
      ended.kill(name);
      await over;
    },
    tell(what) {
      // One that is gone, or about to be, is full no more.
      if (child?.connected) child.send(what, () => {});
    },
  };
};
