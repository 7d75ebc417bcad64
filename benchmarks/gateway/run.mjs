/** See README.md. `--sockets 200 --rounds 1 --idle 500 --json` is a short run for a program to read. */
import { fork } from 'node:child_process';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from '../quantile.mjs';
import { dial } from './clients.mjs';

const { values: args } = parseArgs({
  options: {
    sockets: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '5' },
    idle: { type: 'string', default: '28000' },
    json: { type: 'boolean', default: false },
  },
});
const SOCKETS = Number(args.sockets);
const IDLE_MS = Number(args.idle);
const MESSAGES = 20;
const AT_ONCE = 50;
/** What a client speaks is settled 2 s after it has opened: before that it gets no live frame. */
const SETTLE_MS = 2_500;

/** `plain` is `ws` alone; the others are a gateway whose clients speak plain JSON, or the delivery extension. */
const SUBJECTS = {
  'plain ws': { kind: 'plain', speaksExtension: false },
  'gateway, plain clients': { kind: 'statesocket', speaksExtension: false },
  'gateway, extension': { kind: 'statesocket', speaksExtension: true },
};

const start = async (kind) => {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [kind], {
    execArgv: ['--expose-gc'],
  });
  const answers = new Map();
  let nextId = 0;
  const { port } = await new Promise((resolve) => child.once('message', resolve));
  child.on('message', ({ id, output }) => answers.get(id)?.(output));
  return {
    port,
    ask: (name, input = {}) =>
      new Promise((resolve) => {
        nextId += 1;
        answers.set(nextId, resolve);
        child.send({ id: nextId, name, ...input });
      }),
    stop: () => child.disconnect(),
  };
};

/** Dials all, so many at once. */
const dialAll = async (count, atOnce, dialOne) => {
  const clients = [];
  let next = 0;
  const dialOn = async () => {
    for (let index = next++; index < count; index = next++) clients[index] = await dialOne(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, dialOn));
  return clients;
};
const until = async (isSo) => {
  const deadline = Date.now() + 60_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('The server did not get there within a minute.');
    await sleep(20);
  }
};

const measure = async ({ kind, speaksExtension }) => {
  const server = await start(kind);
  let textCount = 0;
  const onText = () => {
    textCount += 1;
  };
  const dialOne = (index) => dial(server.port, index, { speaksExtension, onText });
  const figures = (gc = false) => server.ask('figures', { gc });

  // Compiled and warm: what the first hundreds of connects cost is paid once per process.
  for (let round = 0; round < 5; round += 1) {
    const warm = await dialAll(Math.min(SOCKETS, 200), AT_ONCE, dialOne);
    await sleep(100);
    for (const { hangUp } of warm) hangUp();
    await until(async () => (await figures()).count === 0);
  }
  await sleep(500);
  const empty = await figures(true);

  const begun = await figures();
  let clients = await dialAll(SOCKETS, AT_ONCE, dialOne);
  await sleep(200);
  const connected = await figures();
  await sleep(SETTLE_MS);
  const full = await figures(true);

  const idleBegins = await figures();
  await sleep(IDLE_MS);
  const idleEnds = await figures();

  textCount = 0;
  const broadcastBegins = await figures();
  await server.ask('broadcast', { count: SOCKETS, messages: MESSAGES });
  await until(() => textCount >= SOCKETS * MESSAGES);
  const broadcastEnds = await figures();

  for (const { hangUp } of clients) hangUp();
  await until(async () => (await figures()).count === 0);
  await server.ask('watchDelay');
  clients = await dialAll(SOCKETS, SOCKETS, dialOne);
  await sleep(500);
  const { maxDelayMs } = await figures();
  for (const { hangUp } of clients) hangUp();
  server.stop();
  return {
    'RSS per idle socket, kB': (full.rss - empty.rss) / SOCKETS / 1024,
    'heap per idle socket, kB': (full.heapUsed - empty.heapUsed) / SOCKETS / 1024,
    'CPU per connect, µs': (connected.cpuUs - begun.cpuUs) / SOCKETS,
    'idle CPU per socket and minute, µs':
      ((idleEnds.cpuUs - idleBegins.cpuUs) / SOCKETS) * (60_000 / IDLE_MS),
    'CPU per delivered broadcast, µs': (broadcastEnds.cpuUs - broadcastBegins.cpuUs) / SOCKETS / MESSAGES,
    'loop delay while all redial at once, ms': maxDelayMs,
  };
};

const rounds = [];
for (let round = 0; round < Number(args.rounds); round += 1) {
  const names = Object.keys(SUBJECTS);
  // Which comes first alternates, and the plain server is measured beside each round.
  if (round % 2 === 1) names.reverse();
  const results = {};
  for (const name of names) results[name] = await measure(SUBJECTS[name]);
  rounds.push(results);
}

const median = (numbers) => quantile(numbers, 0.5);
const summary = Object.fromEntries(
  Object.keys(SUBJECTS).map((name) => [
    name,
    Object.fromEntries(
      Object.keys(rounds[0][name]).map((what) => [
        what,
        {
          value: median(rounds.map((results) => results[name][what])),
          ratio: median(rounds.map((results) => results[name][what] / results['plain ws'][what])),
        },
      ]),
    ),
  ]),
);

if (args.json) console.log(JSON.stringify({ summary }));
else {
  console.log(`${SOCKETS} sockets, ${args.rounds} rounds; load average ${loadavg()[0].toFixed(1)}.\n`);
  console.log(`| | ${Object.keys(SUBJECTS).join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(Object.keys(SUBJECTS).length)}`);
  for (const what of Object.keys(summary['plain ws'])) {
    const cells = Object.values(summary).map((rows) => {
      const { value, ratio } = rows[what];
      return `${value.toFixed(1)} (${ratio.toFixed(2)} x)`;
    });
    console.log(`| ${what} | ${cells.join(' | ')} |`);
  }
}
