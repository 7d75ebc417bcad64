/**
 * See README.md. `--only statesocket --clients 2 --rounds 1 --down 300 --settle 0 --json` is a short run for a program to
 * read; `--question restart` or `half-open` asks one question only. `--down 1000-3000` spreads the rounds evenly over it;
 * `--spread 0` lets the clients of the half-open question connect all at once.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { quantile } from '../quantile.mjs';
import { HALF_OPEN, RESTART } from './candidates.mjs';
import { halfOpenRound } from './half-open.mjs';
import { restartRound } from './restart.mjs';

const { values: args } = parseArgs({
  options: {
    question: { type: 'string', default: 'both' },
    only: { type: 'string' },
    clients: { type: 'string', default: '15' },
    rounds: { type: 'string' },
    down: { type: 'string', default: '1000-3000,6000-10000' },
    limit: { type: 'string' },
    settle: { type: 'string' },
    spread: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const asked = (question) => args.question === 'both' || args.question === question;
const chosen = (candidates) =>
  Object.fromEntries(
    Object.entries(candidates).filter(([name]) => !args.only || args.only.split(',').includes(name)),
  );
const shared = {
  clientCount: Number(args.clients),
  ...(args.settle === undefined ? {} : { settleMs: Number(args.settle) }),
};
const log = (line) => {
  if (!args.json) console.error(line);
};

/** Median, minimum and maximum of the clients that came, and how many did not. */
const summaryOf = (waitsMs) => {
  const come = waitsMs.filter((ms) => ms !== null);
  const at = (q) => (come.length === 0 ? null : quantile(come, q));
  return {
    medianMs: at(0.5),
    minMs: at(0),
    maxMs: at(1),
    count: waitsMs.length,
    missing: waitsMs.length - come.length,
  };
};

const merged = (rounds, waitsOf) =>
  Object.fromEntries(
    Object.keys(rounds[0]).map((name) => [name, rounds.flatMap((round) => waitsOf(round[name]))]),
  );

const results = { loadBefore: loadavg()[0] };

if (asked('restart')) {
  results.restart = {};
  for (const range of args.down.split(',')) {
    const [minMs, maxMs = minMs] = range.split('-').map(Number);
    const roundCount = Number(args.rounds ?? 24);
    const rounds = [];
    for (let round = 0; round < roundCount; round += 1) {
      // The middle of each of `roundCount` equal parts: a fixed schedule is fast or slow by where the moment falls in it.
      const downMs = minMs + ((maxMs - minMs) * (round + 0.5)) / roundCount;
      log(`restart after ${downMs} ms, round ${round + 1}; load ${loadavg()[0].toFixed(1)}`);
      rounds.push(
        await restartRound(chosen(RESTART), { ...shared, downMs, limitMs: Number(args.limit ?? 60_000) }),
      );
    }
    const waits = Object.entries(merged(rounds, (waitsMs) => waitsMs));
    results.restart[range] = Object.fromEntries(
      waits.map(([name, waitsMs]) => {
        const roundMediansMs = rounds.map((round) => summaryOf(round[name]).medianMs);
        return [name, { ...summaryOf(waitsMs), roundMediansMs }];
      }),
    );
  }
}

if (asked('half-open')) {
  const rounds = [];
  for (let round = 0; round < Number(args.rounds ?? 2); round += 1) {
    log(`half-open, round ${round + 1}; load ${loadavg()[0].toFixed(1)}`);
    rounds.push(
      await halfOpenRound(chosen(HALF_OPEN), {
        ...shared,
        ...(args.spread === undefined ? {} : { spreadMs: Number(args.spread) }),
        limitMs: Number(args.limit ?? 90_000),
      }),
    );
  }
  const found = merged(rounds, ({ foundMs }) => foundMs);
  const back = merged(rounds, ({ backMs }) => backMs);
  results.halfOpen = Object.fromEntries(
    Object.keys(found).map((name) => [name, { found: summaryOf(found[name]), back: summaryOf(back[name]) }]),
  );
}

results.loadAfter = loadavg()[0];

const whole = (ms) => (ms === null ? 'never' : ms.toFixed(0));
const seconds = (ms) => (ms === null ? 'never' : (ms / 1_000).toFixed(1));

if (args.json) {
  console.log(JSON.stringify(results));
} else {
  console.log(`Load average ${results.loadBefore.toFixed(1)} before, ${results.loadAfter.toFixed(1)} after.`);
  for (const [range, rows] of Object.entries(results.restart ?? {})) {
    console.log(`\n| down ${range} ms, ms from listening to open | median | min | max | not back |`);
    console.log('|---|---|---|---|---|');
    for (const [name, { medianMs, minMs, maxMs, missing, count }] of Object.entries(rows)) {
      const cells = [medianMs, minMs, maxMs].map(whole);
      console.log(`| ${[name, ...cells, `${missing} of ${count}`].join(' | ')} |`);
    }
  }
  if (results.halfOpen) {
    console.log(
      '\n| s from the stall | found, median | min | max | not found | open again, median | not back |',
    );
    console.log('|---|---|---|---|---|---|---|');
    for (const [name, { found, back }] of Object.entries(results.halfOpen)) {
      const cells = [found.medianMs, found.minMs, found.maxMs].map(seconds);
      const of = ({ missing, count }) => `${missing} of ${count}`;
      console.log(`| ${[name, ...cells, of(found), seconds(back.medianMs), of(back)].join(' | ')} |`);
    }
  }
}
