import { connect, type Socket } from 'node:net';
import type { Happening } from '../../simulation/delivery/history.ts';

/** One entry of a log or one decision, as a script wrote it, and when. */
export type Seen = { readonly at: number; readonly user: string } & (
  | {
      readonly what: 'entry';
      readonly n: number;
      readonly id: string;
      readonly ref: string;
      readonly part: number;
    }
  | {
      readonly what: 'decision';
      readonly clientKey: string;
      readonly n: number;
      readonly key: string;
      readonly rejected: string | null;
    }
);

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** The words of a line of MONITOR, each in quotes. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, escaped: string) =>
      hex === undefined ? (ESCAPES[escaped] ?? escaped) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );

/** What a line says of a log or of a decision: keys are `statesocket:{USER}:e` and `statesocket:{USER}:d:CLIENT`. */
const seenIn = (line: string): Seen | null => {
  if (!/\[\d+ lua\] "XADD"/.test(line)) return null;
  const at = Math.floor(Number(line.slice(1).split(' ')[0]) * 1_000);
  const words = wordsOf(line);
  const [, user = '', kind = '', clientKey = ''] =
    /^statesocket:\{(.*)\}:([ed]):?(.*)$/.exec(words[1] ?? '') ?? [];
  const fieldOf = (name: string) => words[words.indexOf(name, 5) + 1] ?? '';
  const n = Number(
    (words[4] === undefined ? '' : (words.find((word) => /^\d+-0$/.test(word)) ?? '')).split('-')[0],
  );
  if (kind === 'e') {
    const { ref, part } = JSON.parse(fieldOf('t')) as { ref: string; part: number };
    return { at, user, what: 'entry', n, id: `${n}-${fieldOf('s')}`, ref, part };
  }
  if (kind !== 'd') return null;
  const { key, verdict } = JSON.parse(fieldOf('d')) as {
    key: string;
    verdict: 'done' | { rejected: string };
  };
  return {
    at,
    user,
    what: 'decision',
    clientKey,
    n,
    key,
    rejected: verdict === 'done' ? null : verdict.rejected,
  };
};

/** Sees what scripts do to a server, in their order, by MONITOR on a connection of its own. */
export interface RedisWitness {
  /** All that was seen of all servers, oldest first. */
  readonly seen: Seen[];
  /** What the positions end in that the logs of an epoch begin with. */
  readonly tokens: ReadonlySet<string>;
  /** Listens to the server on this port from now on. */
  listenTo(port: number): Promise<void>;
  /** Resolves when all that the server did until now was seen. Rejects where it does not reply. */
  catchUp(): Promise<void>;
  close(): void;
}

const CATCH_UP_MS = 3_000;

export const createRedisWitness = (): RedisWitness => {
  const seen: Seen[] = [];
  const tokens = new Set<string>();
  const markers = new Map<string, () => void>();
  let socket: Socket | null = null;
  let port = 0;
  let count = 0;

  const open = (to: number) =>
    new Promise<Socket>((resolve, reject) => {
      const opened = connect(to, '127.0.0.1', () => resolve(opened));
      opened.on('error', reject); // after it is open: nobody hears of it, and `catchUp` tells
    });
  const read = (line: string) => {
    const marker = /"ECHO" "(marker \d+)"/.exec(line)?.[1];
    if (marker !== undefined) markers.get(marker)?.();
    const token = /"HSET" "statesocket:\{~epoch\}" .*"token" "(\w+)"/.exec(line)?.[1];
    if (token !== undefined) tokens.add(token);
    const one = seenIn(line);
    if (one !== null) seen.push(one);
  };
  return {
    seen,
    tokens,
    async listenTo(next) {
      port = next;
      const opened = await open(next);
      socket = opened;
      let rest = '';
      const listening = new Promise<void>((resolve) => {
        opened.on('data', (data) => {
          const lines = (rest + String(data)).split('\r\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            if (line === '+OK') resolve();
            else read(line);
          }
        });
      });
      opened.write('MONITOR\r\n');
      await listening;
    },
    async catchUp() {
      count += 1;
      const marker = `marker ${count}`;
      const asks = await open(port);
      try {
        await new Promise<void>((resolve, reject) => {
          setTimeout(() => reject(new Error('The server says nothing.')), CATCH_UP_MS);
          markers.set(marker, resolve);
          asks.write(`ECHO "${marker}"\r\n`);
        });
      } finally {
        markers.delete(marker);
        asks.destroy();
      }
    },
    close() {
      socket?.destroy();
    },
  };
};

/** In the words of the history. Of one user an append is the entries of one message or command that follow each other. */
export const happeningsOf = (seen: readonly Seen[], refOf: (key: string) => string | undefined) => {
  const found: { at: number; happening: Happening }[] = [];
  const appends = new Map<
    string,
    { readonly ref: string; readonly entries: { id: string; ref: string; part: number }[] }
  >();
  for (const one of seen) {
    const { at, user } = one;
    if (one.what === 'entry') {
      const { id, ref, part } = one;
      const last = appends.get(user);
      if (last?.ref === ref && part > 0) {
        last.entries.push({ id, ref, part });
        continue;
      }
      const entries = [{ id, ref, part }];
      appends.set(user, { ref, entries });
      found.push({ at, happening: { what: 'appended', user, entries } });
    } else {
      const { clientKey, n, key, rejected } = one;
      found.push({
        at,
        happening: { what: 'decided', user, clientId: clientKey, n, key, ref: refOf(key) ?? key, rejected },
      });
    }
  }
  return found;
};
