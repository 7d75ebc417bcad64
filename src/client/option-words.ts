import { faultOfProtocols } from '../actors/subprotocols.ts';
import type { CheckedOption } from './option-rules.ts';

/** The way to write what an older version took as plain settings: an app that still gives them would lose its messages. */
const byDurableDelivery = (setting: string): string =>
  `is set by a function: import { durableDelivery } from 'statesocket/delivery', and write delivery: durableDelivery({ ${setting}: … })`;

/** The same for what a connection kept of itself without being asked. */
const BY_FLIGHT_RECORDER =
  "is made by a function: import { flightRecorder } from 'statesocket', and write recorder: flightRecorder({ maxTransitions: … })";

const FUNCTION = 'must be a function';
const SCHEMA = 'must be a Standard Schema, for example one of valibot or zod';

const WORDS: Readonly<Record<Exclude<CheckedOption, 'protocols'>, string>> = {
  url: 'must be a string such as "wss://example.org/connect/", or a function that returns one',
  getToken: FUNCTION,
  WebSocket: 'must be a class',
  messages: SCHEMA,
  sends: SCHEMA,
  ack: 'must be true, false, or a function that names the id of a message',
  codec: 'must be { decode, encode }, two functions',
  backoff: 'must be a function, for example linearBackoff(); its spreadMs, if any, a number of ms',
  maxRetries: 'must be a number from 0 to 2147483647, or Infinity to never give up',
  connectTimeoutMs: 'must be a number above 0, up to 2147483647',
  stableAfterMs: 'must be a number from 0 to 2147483647',
  heartbeat: 'must be false or { intervalMs, timeoutMs, ping? }, with ms above 0 and ping a function',
  classifyClose: FUNCTION,
  delivery: byDurableDelivery('durable'),
  signals: 'must be a function that takes `tell` and returns what ends it',
  inspect: 'must be a function, or an observer with a next function',
  recorder: BY_FLIGHT_RECORDER,
  clock: 'must be { now, setTimeout, clearTimeout }, three functions',
  random: FUNCTION,
  'codec with delivery':
    'cannot work: delivery speaks the delivery extension, which is JSON; leave out codec, or leave out delivery',
  server: byDurableDelivery('server'),
  recording: BY_FLIGHT_RECORDER,
};

/** What an option must be, in words that follow its name, or what to write in its place. */
export const wordsOfOption = (name: CheckedOption, value: unknown): string =>
  name === 'protocols' ? `cannot be offered: ${faultOfProtocols(value)}` : WORDS[name];
