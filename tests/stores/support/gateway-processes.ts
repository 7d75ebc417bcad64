import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** A gateway in another process. */
export interface GatewayProcess {
  readonly port: number;
  readonly child: ChildProcess;
  readonly errors: readonly string[];
  ask(task: 'disconnectUser' | 'publish' | 'findOnline' | 'stop', ...args: unknown[]): Promise<unknown>;
}

/** What it says: where it listens, what it reports, or what came of a task. */
interface Said {
  readonly port?: number;
  readonly error?: string;
  readonly id?: number;
  readonly result?: unknown;
  readonly failed?: string;
}

/** @param engine `MODULE#FUNCTION`, under the name that users import. */
export const startGatewayProcess = async (engine: string, options: object): Promise<GatewayProcess> => {
  const child = fork(new URL('gateway-process.mjs', import.meta.url), [engine, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const errors: string[] = [];
  const pending = new Map<number, (message: Said) => void>();
  let lastId = 0;
  const started = new Promise<number>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`The gateway has ended (${code ?? signal}).`)));
    child.on('message', (message: Said) => {
      if (message.port !== undefined) resolve(message.port);
      if (message.error !== undefined) errors.push(message.error);
      if (message.id !== undefined) pending.get(message.id)?.(message);
    });
  });
  return {
    port: await started,
    child,
    errors,
    ask: (task, ...args) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        pending.set(lastId, ({ result, failed }) =>
          failed === undefined ? resolve(result) : reject(new Error(failed)),
        );
        child.send({ id: lastId, task, args });
      }),
  };
};

type Message = Readonly<Record<string, unknown>>;

/** A page of the delivery extension by hand, as far as a story needs it. */
export interface Page {
  readonly messages: readonly Message[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  of(type: string): readonly Message[];
  say(message: object): void;
  close(): void;
}

/** Dials and says RESUME. @param after The cursor of a page that was there before. */
export const openPage = async (
  { port }: GatewayProcess,
  userId: string,
  after: string | null = null,
): Promise<Page> => {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/connect/${userId}/`);
  ws.on('error', () => {}); // `closed` tells
  onTestFinished(() => ws.terminate());
  const messages: Message[] = [];
  const say = (message: object) => ws.send(JSON.stringify(message));
  const closed = once(ws, 'close').then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
  const resumed = new Promise<void>((resolve) => {
    ws.on('message', (data) => {
      for (const message of [JSON.parse(String(data))].flat() as Message[]) {
        messages.push(message);
        if (message.type === 'WELCOME') say({ type: 'RESUME', after });
        if (message.type === 'PRESENCE') resolve();
        if (message.prev !== undefined) say({ type: 'ACK', messageId: message.id });
      }
    });
  });
  await Promise.race([
    resumed,
    closed.then(({ code, reason }) => {
      throw new Error(`The page was closed with ${code} ${reason}.`);
    }),
  ]);
  return {
    messages,
    closed,
    of: (type) => messages.filter((message) => message.type === type),
    say,
    close: () => ws.close(),
  };
};
