import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Backoff, linearBackoff } from 'statesocket';
import {
  CONNECT_BUDGET_COUNT,
  CONNECT_BUDGET_WINDOW_MS,
  connectionMachine,
  DEFAULT_SETTINGS,
  statusOf,
} from 'statesocket/machines';
import {
  CloseCode,
  closeDispositionOf,
  MAX_DEPTH_COUNT,
  MAX_PAYLOAD_BYTES,
  REMEMBERED_IDS_COUNT,
} from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { memoryEngine } from '../../src/gateway/engine/memory-engine.ts';

import { settleOptions } from '../../src/gateway/settle-options.ts';
import { MAX_CHUNK_COUNT, MAX_FRAGMENT_COUNT } from '../../src/gateway/wire/intake.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'tests/simulation/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

describe('the documents', () => {
  it('README.md, which is read from the tarball, links to nothing that is not packed', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const links = [...read('README.md').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    );
    const unpacked = links.filter(
      (link) => !/^https?:/.test(link) && !files.some((file) => link === file || link.startsWith(`${file}/`)),
    );
    expect(unpacked).toEqual([]);
  });

  it.each(documents)('%s links to what exists', (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '');
    const relative = links.filter((target) => !/^https?:/.test(target));
    expect(relative.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });

  it.each(documents)('%s names files that exist', (path) => {
    const named = [
      ...read(path).matchAll(/`((?:src|machines|app|tests|scripts|docs|benchmarks)\/[\w./-]*)`/g),
    ];
    const missing = named.map(([, file]) => file ?? '').filter((file) => !existsSync(join(root, file)));
    expect(missing).toEqual([]);
  });

  it('say of the limits what the code says', () => {
    const protocol = read('docs/protocol.md').replace(/\s+/g, ' ');
    const gateway = settleOptions({
      server: { on() {}, off() {}, emit() {}, listenerCount: () => 0 },
      engine: memoryEngine(),
      authenticate: async () => null,
      allowedOrigins: [],
      handle() {},
    });
    const mib = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;
    expect(protocol).toContain(`deeper than ${MAX_DEPTH_COUNT} levels`);
    expect(protocol).toContain(`last ${REMEMBERED_IDS_COUNT.toLocaleString('en-US')} ids`);
    expect(protocol).toContain(`${mib(MAX_PAYLOAD_BYTES)} a frame (1009)`);
    expect(protocol).toContain(`${gateway.maxCommandsPerSecond} commands a second (4429)`);
    expect(protocol).toContain(`${gateway.maxSocketsPerUser} sockets a user (4429)`);
    expect(protocol).toContain(`${mib(gateway.maxBufferedBytes)} waiting`);
    const count = (value: number): string => value.toLocaleString('en-US');
    expect(protocol).toContain(
      `${count(gateway.maxSockets)} sockets (503) and ${count(gateway.maxSocketsPerAddress)} from one address (429)`,
    );
    expect(protocol).toContain(
      `${count(gateway.maxPendingHandshakes)} handshakes waiting (503) and ${count(gateway.maxPendingHandshakesPerAddress)} from one`,
    );
    expect(protocol).toContain(
      `${mib(gateway.maxBytesPerSecond)} a second, each frame counting 256 bytes more, and ${gateway.maxLoopMsPerSecond} ms a second`,
    );
    expect(protocol).toContain(
      `more than ${MAX_FRAGMENT_COUNT} frames, in more than ${count(MAX_CHUNK_COUNT)} reads`,
    );
    expect(protocol).toContain(`longer than ${gateway.messageDeadlineMs / 1000} s from its first byte`);
    expect(protocol).toContain(
      `${mib(gateway.maxInputBytesPerUser)} of unfinished and waiting input of one user (4429`,
    );
    expect(protocol).toContain(`every ${gateway.heartbeatMs / 1000} s, with a WebSocket ping`);
  });

  it('say of the defaults what the chart says', () => {
    const closes = read('docs/closes.md').replace(/\s+/g, ' ');
    const { stableAfterMs, connectTimeoutMs, maxRetries } = DEFAULT_SETTINGS;
    expect(closes).toContain(`open for ${stableAfterMs / 1000} s (\`stableAfterMs\`)`);
    expect(closes).toContain(`after ${connectTimeoutMs / 1000} s (\`connectTimeoutMs\`)`);
    expect(closes).toContain(`After ${maxRetries} retries (\`maxRetries\`)`);
    const waitedMs = (backoff: Backoff) =>
      Array.from({ length: maxRetries }, (_, index) => backoff(index + 1, () => 0.5)).reduce((a, b) => a + b);
    expect(closes).toContain(
      `by default after ${(waitedMs(DEFAULT_SETTINGS.backoff) / 60_000).toFixed(1)} min`,
    );
    expect(waitedMs(linearBackoff())).toBe((31 * 60 + 40) * 1000);
    expect(closes).toContain('with `linearBackoff()` after 31 min 40 s');
    const budget = `at most ${CONNECT_BUDGET_COUNT} sockets are dialled in ${CONNECT_BUDGET_WINDOW_MS / 1000} s`;
    expect(closes).toContain(budget);
  });

  it('compare sizes in the README by the figures of the benchmark', () => {
    const figures = new Map(
      [...read('benchmarks/size/README.md').matchAll(/^\| (.+?) \| ([\d.]+) \|/gm)].map(([, name, kB]) => [
        name,
        kB,
      ]),
    );
    const figureOf = (name: string): string => figures.get(name) ?? `no figure of ${name}`;
    const readme = read('README.md').replace(/\s+/g, ' ');
    const own = figureOf('a connection to a plain server, with XState');
    expect(readme).toContain(
      `| ${own}; with delivery ${figureOf('the same with durable delivery, with XState')} |`,
    );
    expect(readme).toContain(`Of the ${own} kB, ${figureOf('of that our own code')} are our own code`);
    const rivals = {
      partysocket: 'partysocket',
      'react-use-websocket': 'react-use-websocket',
      'Socket.IO': 'socket.io-client',
      Ably: 'ably',
    };
    for (const [shown, name] of Object.entries(rivals)) {
      const row = read('README.md')
        .split('\n')
        .find((line) => line.startsWith(`| [${shown}]`));
      expect(row?.split('|')[3]?.trim()).toBe(figureOf(name));
    }
  });

  it('have an entry in the glossary once, in order', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\*\*(.+?)\*\*:/gm)].map(([, word]) => word ?? '');
    expect(words.length).toBeGreaterThan(25);
    expect(words).toEqual([...new Set(words)].sort((a, b) => a.localeCompare(b)));
  });
});

/** Rows of the tables of closes: codes in the first cell, what follows in the last two. */
const closeRows = (path: string) =>
  read(path)
    .split('\n')
    .filter((line) => /^\|[^|]*`\d{4}`/.test(line))
    .flatMap((line) => {
      const cells = line.split('|').slice(1, -1);
      const codes = [...(cells[0] ?? '').matchAll(/`(\d{4})`/g)].map(([, code]) => Number(code));
      const [stable, unstable] = cells.slice(-2).map((cell) => cell.trim());
      return codes.map((code) => ({ path, code, stable, unstable }));
    });

const afterClose = (code: number, isStable: boolean): string => {
  const clock = new SimulatedClock();
  const actor = createActor(connectionMachine, { clock }).start();
  actor.send({ type: 'user.connect', userId: 'ada' });
  actor.send({ type: 'socket.opened' });
  if (isStable) clock.increment(DEFAULT_SETTINGS.stableAfterMs);
  actor.send({ type: 'socket.closed', code, reason: '', wasClean: code !== CloseCode.Abnormal });
  const snapshot = actor.getSnapshot();
  const { settings, minDelayMs, tokenReason } = snapshot.context;
  const status = statusOf(snapshot);
  actor.stop();
  if (snapshot.matches({ backoff: 'spreading' }))
    return `spread over ${(settings.backoff.spreadMs ?? 0) / 1000} s`;
  if (status === 'connecting') return tokenReason === 'refresh' ? 'fresh token at once' : 'dials at once';
  return minDelayMs > 0 ? `${status}, at least ${minDelayMs / 1000} s` : status;
};

describe('the tables of closes', () => {
  it.each([...closeRows('docs/closes.md'), ...closeRows('docs/protocol.md')])(
    '$path tells what the chart does on $code',
    ({ code, stable, unstable }) => {
      expect([stable, unstable]).toEqual([afterClose(code, true), afterClose(code, false)]);
    },
  );

  it.each(['docs/closes.md', 'docs/protocol.md'])('have every code of the module: %s', (path) => {
    const listed = closeRows(path).map(({ code }) => code);
    expect([...listed].sort((a, b) => a - b)).toEqual(Object.values(CloseCode).sort((a, b) => a - b));
  });

  it('tell what the chart does on any other code', () => {
    const [, stable, unstable] =
      /^\| any other code \| (.*) \| (.*) \|$/m.exec(read('docs/closes.md'))?.map((cell) => cell.trim()) ??
      [];
    for (const code of [1003, 1011, 3000, 4999]) {
      expect([stable, unstable]).toEqual([afterClose(code, true), afterClose(code, false)]);
    }
  });

  it('have every code of the module, with its words', () => {
    const lines = read('docs/protocol.md').split('\n');
    for (const code of Object.values(CloseCode)) {
      const line = lines.find((each) => each.startsWith(`| \`${code}\` |`)) ?? '';
      expect(line).toContain(`| ${closeDispositionOf(code).words} |`);
    }
  });

  it('have every code that the gateway sends', () => {
    const sent = new Set<number>();
    const files = readdirSync(join(root, 'src/gateway'), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((path) => path.endsWith('.ts'))) {
      for (const [, name] of read(`src/gateway/${file}`).matchAll(/CloseCode\.(\w+)/g)) {
        sent.add(CloseCode[name as keyof typeof CloseCode]);
      }
    }
    const listed = closeRows('docs/protocol.md').map(({ code }) => code);
    expect(sent.size).toBeGreaterThan(5);
    expect([...sent].filter((code) => !listed.includes(code))).toEqual([]);
  });
});
