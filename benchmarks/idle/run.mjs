/** See README.md. Needs `node --expose-gc`. `--count 100 --minutes 2 --json` is a short run for a program to read. */
import { parseArgs } from 'node:util';
import { createConnection } from 'statesocket';
import { createVirtualClock } from 'statesocket/testing';
import { quantile } from '../quantile.mjs';
import { SilentWebSocket } from './silent-web-socket.mjs';

const { values: args } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const MINUTE_MS = 60_000;
const HEARTBEAT_MS = 14_000;
const HEARTBEAT = JSON.stringify({ type: 'HEARTBEAT' });

const PLAN = {
  'a plain server that says nothing': { options: {}, beats: false },
  'a server that sends a HEARTBEAT every 14 s': { options: {}, beats: true },
  'heartbeat.ping, answered': {
    options: { heartbeat: { intervalMs: HEARTBEAT_MS, timeoutMs: 5_000, ping: () => '{"type":"PING"}' } },
    beats: false,
  },
};

/** Virtual time that counts the timers that fire. */
const createCountingClock = () => {
  const virtual = createVirtualClock();
  const counted = { firedCount: 0 };
  const clock = {
    ...virtual,
    setTimeout: (callback, delayMs) =>
      virtual.setTimeout(() => {
        counted.firedCount += 1;
        callback();
      }, delayMs),
  };
  return { clock, counted };
};

/** Timers that fire in a minute of an open connection to which nothing happens, all counted through the option clock. */
const timersAMinute = ({ options, beats }, minutes) => {
  const { clock, counted } = createCountingClock();
  let socket;
  class Socket extends SilentWebSocket {
    constructor() {
      super();
      socket = this;
    }
    send(text) {
      if (JSON.parse(text).type === 'PING') this.onmessage({ data: HEARTBEAT });
    }
  }
  const connection = createConnection({ url: 'ws://localhost/', WebSocket: Socket, clock, ...options });
  connection.connect({ userId: 'ada' });
  socket.open();
  // Connecting and settling have timers of their own; afterwards it is idle.
  const run = (untilMs) => {
    while (clock.now() < untilMs) {
      clock.passes(Math.min(HEARTBEAT_MS, untilMs - clock.now()));
      if (beats) socket.onmessage({ data: HEARTBEAT });
    }
  };
  run(3 * MINUTE_MS);
  const before = counted.firedCount;
  run((3 + minutes) * MINUTE_MS);
  if (connection.status !== 'open') throw new Error(`The idle connection became ${connection.status}.`);
  const { firedCount } = counted;
  connection.dispose();
  return (firedCount - before) / minutes;
};

const heapBytes = () => {
  if (globalThis.gc === undefined) throw new Error('Run this with node --expose-gc.');
  // Finalisers of one collection leave garbage for the next.
  for (let pass = 0; pass < 4; pass += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
};

/** The heap that `count` objects of `make` take, in bytes each. */
const heapBytesEach = (make, count) => {
  const kept = [];
  const before = heapBytes();
  for (let index = 0; index < count; index += 1) kept.push(make(index));
  const bytes = (heapBytes() - before) / count;
  for (const { dispose } of kept) dispose();
  return bytes;
};

const created = () => createConnection({ url: 'ws://localhost/', WebSocket: SilentWebSocket });
const connected = (index) => {
  const connection = created();
  connection.connect({ userId: `user-${index}` });
  SilentWebSocket.last.open();
  return connection;
};
/** What the stand-in for the platform's socket takes itself. */
const socketAlone = () => {
  const socket = new SilentWebSocket();
  return { socket, dispose() {} };
};

const count = Number(args.count);
const HEAP = {
  'created, not connected': created,
  'connected and open': connected,
  'the stand-in socket alone': socketAlone,
};
const timers = Object.fromEntries(
  Object.entries(PLAN).map(([name, plan]) => [name, timersAMinute(plan, Number(args.minutes))]),
);
for (const make of Object.values(HEAP)) heapBytesEach(make, Math.min(count, 200));
const heap = Object.fromEntries(
  Object.entries(HEAP).map(([name, make]) => {
    const bytes = Array.from({ length: Number(args.rounds) }, () => heapBytesEach(make, count));
    return [name, quantile(bytes, 0.5)];
  }),
);

if (args.json) {
  console.log(JSON.stringify({ timers, heap }));
} else {
  console.log('| an open connection to which nothing happens | timers a minute |');
  console.log('|---|---|');
  for (const [name, fired] of Object.entries(timers)) console.log(`| ${name} | ${fired.toFixed(2)} |`);
  console.log(`\n| ${count} connections | heap, kB each |\n|---|---|`);
  for (const [name, bytes] of Object.entries(heap))
    console.log(`| ${name} | ${(bytes / 1_000).toFixed(1)} |`);
}
process.exit();
