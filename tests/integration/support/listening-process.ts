import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server in a process of its own, which a test can kill, freeze and start again on the same port. */
export interface ListeningProcess {
  /** Resolves when its port takes connections. Fails with its output when it ends before. */
  start(): Promise<void>;
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void;
  /** Sends it a signal and waits for its end. */
  end(name: NodeJS.Signals): Promise<void>;
  /** Waits for its end. */
  ended(): Promise<void>;
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1');
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });

/** Starts it; it is gone when the test ends, by `lastSignal`: a frozen process hears nothing but SIGKILL. */
export const startListeningProcess = async (
  command: string,
  args: readonly string[],
  port: number,
  lastSignal: NodeJS.Signals = 'SIGKILL',
): Promise<ListeningProcess> => {
  let child: ChildProcess | null = null;
  let exit: Promise<void> = Promise.resolve();
  let output = '';

  const server: ListeningProcess = {
    async start() {
      const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      let over = false;
      exit = new Promise((resolve) => {
        started.once('error', (error) => {
          output += String(error);
          over = true;
          resolve();
        });
        started.once('exit', () => {
          over = true;
          resolve();
        });
      });
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (text) => {
          output += String(text);
        });
      }
      while (!(await isListening(port))) {
        if (over) throw new Error(`${command} has ended:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    signal(name) {
      child?.kill(name);
    },
    async end(name) {
      child?.kill(name);
      await exit;
    },
    ended: () => exit,
  };
  onTestFinished(() => server.end(lastSignal));
  await server.start();
  return server;
};
