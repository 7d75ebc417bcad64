import { type ConnectionOptions, createConnection, exponentialBackoff, type WireMessage } from 'statesocket';
import { expect, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';

/** Short, and without jitter, so that a retry that the policy did not ask for is seen. */
const policy = exponentialBackoff({ baseMs: 100, capMs: 1_000, jitter: 'none', spreadMs: 100 });

/** A question that any of our servers answers, and 1.6 s until its silence is found. */
export const QUICK_HEARTBEAT = {
  intervalMs: 1_100,
  timeoutMs: 500,
  ping: () => JSON.stringify({ type: 'PING' }),
};

type Options = Omit<ConnectionOptions<WireMessage>, 'WebSocket' | 'backoff' | 'url'> & {
  readonly url: string | (() => string);
  readonly userId?: string;
};

/** A connection on the sockets of `ws`, and what has become of it. Gone when the test ends. */
export const startClient = ({ url, userId = 'ada', ...options }: Options) => {
  const sockets: WebSocket[] = [];
  let mostLiveCount = 0;
  const liveSockets = () => sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN);
  class RecordedSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
      mostLiveCount = Math.max(mostLiveCount, liveSockets().length);
    }
  }

  /** The numbers of the retries that the policy was asked about since the connection was last open. */
  let retries: number[] = [];
  const backoff = Object.assign(
    (retry: number, random: () => number) => {
      retries.push(retry);
      return policy(retry, random);
    },
    { spreadMs: policy.spreadMs ?? 0 },
  );

  const connection = createConnection({
    url: typeof url === 'function' ? url : () => url,
    WebSocket: RecordedSocket,
    backoff,
    heartbeat: false,
    stableAfterMs: 0,
    ...options,
  });
  onTestFinished(() => {
    connection.dispose();
    for (const socket of sockets) socket.terminate();
  });

  const messages: WireMessage[] = [];
  connection.onMessage((message) => messages.push(message as WireMessage));
  connection.onError(() => {}); // refused and cut sockets report errors; the ends tell
  const statuses: string[] = [];
  const ends: { cause: string; code: number | null; wasClean: boolean | null }[] = [];
  let lastEnd: object | null = null;
  connection.subscribe(() => {
    const snapshot = connection.getSnapshot();
    if (statuses.at(-1) !== snapshot.status) statuses.push(snapshot.status);
    if (snapshot.lastEnd !== null && snapshot.lastEnd !== lastEnd) {
      const { cause, code, wasClean } = snapshot.lastEnd;
      ends.push({ cause, code, wasClean });
    }
    lastEnd = snapshot.lastEnd;
  });

  let describeCount = 0;
  const client = {
    connection,
    /** Every socket that was dialled, in order. */
    sockets,
    messages,
    /** Each status the connection went through. */
    statuses,
    /** Each way an attempt or a socket ended. */
    ends,
    get retries(): readonly number[] {
      return retries;
    },
    /** How often this text has come. */
    countOf: (text: string): number => messages.filter((message) => message.text === text).length,
    /** Says something new until the server has brought it back, which proves that messages flow both ways. */
    async chats(): Promise<void> {
      describeCount += 1;
      const text = `${userId} says ${describeCount}`;
      expect(connection.send({ type: 'SAY', text })).toBe('sent');
      await vi.waitFor(() => expect(messages.map((message) => message.text)).toContain(text));
    },
    async opens(): Promise<void> {
      await vi.waitFor(() => expect(connection.status).toBe('open'));
    },
    /** Waits until an attempt or a socket has ended, for this reason where one is named. */
    async ended(cause?: string): Promise<void> {
      const causes = () => ends.map((end) => end.cause);
      await vi.waitFor(
        () => (cause === undefined ? expect(causes()).not.toEqual([]) : expect(causes()).toContain(cause)),
        8_000,
      );
    },
    /** Nothing is stuck, there is one socket and never were two, and each retry was the policy's next one (I1, I11). */
    isWell(): void {
      expect(connection.status).toBe('open');
      expect(liveSockets()).toEqual([sockets.at(-1)]);
      expect(mostLiveCount).toBe(1);
      for (const [index, retry] of retries.entries())
        expect([1, (retries[index - 1] ?? 0) + 1]).toContain(retry);
    },
    /** Forgets what was, before the next part of a story. */
    forgets(): void {
      retries = [];
      statuses.length = 0;
      ends.length = 0;
    },
  };
  connection.connect({ userId });
  return client;
};

export type RealClient = ReturnType<typeof startClient>;
