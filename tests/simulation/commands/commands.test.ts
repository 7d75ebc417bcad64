import { connectionMachine } from 'statesocket/machines';
import { createChartCoverage } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { original } from '../implementation.ts';
import { checkCommands } from './check-commands.ts';
import type { Tally } from './moment.ts';

/** Set by `npm run soak:commands`; the tests always run the same commands. */
const { COMMANDS_RUNS = '2000', COMMANDS_SEED = '1', COMMANDS_PATH } = process.env;
const runs = Number(COMMANDS_RUNS);
const seed = Number(COMMANDS_SEED);
const RUNS_OF_THE_TESTS = 2_000;
/** So many runs take every transition of the chart that a plain server can bring about, whatever the seed. */
const RUNS_OF_A_SOAK = 100_000;
/** What only a server of the delivery extension brings about. */
const NOT_OF_A_PLAIN_SERVER = 'socket.open: link.broken ';
/** Some 6 ms, and several times that where the machine is busy. */
const RUN_TAKES_MS = 60;

/** What must come about in the runs of the tests: those that never get there would prove nothing. */
const COMES_ABOUT = [
  ...['idle', 'connecting', 'open', 'backoff', 'failed', 'loggedOut'].map((status) => `it is ${status}`),
  ...[
    'connectDeadline',
    'offlineProbeDelay',
    'retryDelay',
    'spreadDelay',
    'stableDelay',
    'suspendedLimit',
    'negotiationLimit',
  ],
  ...['budget.refunded', 'frame.silent', 'page.shown', 'probe.unanswered', 'socket.stuck'],
  'a clock is blamed',
  ...['value', 'value soon', 'null', 'null soon', 'throws', 'rejects', 'held'].flatMap((how) => [
    `getToken answers ${how}`,
    `url answers ${how}`,
  ]),
  ...['message listener', 'subscriber', 'onError listener', 'getToken', 'url'].map(
    (at) => `calls back from ${at}`,
  ),
  ...['WebSocket', 'backoff', 'classifyClose', 'ping'].map((at) => `calls back from ${at}`),
  ...['a frame is heard', 'a frame is acknowledged', 'a frame is cut short', 'a ping', 'a socket is made'],
  ...['a late answer', 'a late event', 'send answers sent', 'send answers refused'],
  ...['a promise is acknowledged', 'a bad id is told of', 'listeners come and go within a frame'],
];

describe('random commands on a connection', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it(
    `I1 I4 I6 I8 I9 I10 I11 I13 I14 I16 and the policy hold in ${runs} runs from seed ${seed}`,
    async () => {
      const tally: Tally = new Map();
      const coverage = createChartCoverage(connectionMachine);
      await checkCommands(original, { runs, seed, path: COMMANDS_PATH, tally, observe: coverage.observe });
      if (COMMANDS_PATH !== undefined) return;
      if (runs >= RUNS_OF_THE_TESTS) expect(COMES_ABOUT.filter((what) => !tally.has(what))).toEqual([]);
      if (runs < RUNS_OF_A_SOAK) return;
      const missing = coverage.missing().filter((name) => !name.startsWith(NOT_OF_A_PLAIN_SERVER));
      expect(missing).toEqual([]);
    },
    600_000 + runs * RUN_TAKES_MS,
  );
});
