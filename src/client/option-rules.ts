import { faultOfProtocols } from '../actors/subprotocols.ts';
import type { ConnectionOptions } from './connection-options.ts';

/** Whether a value can work, and what the option must be, in words that follow its name. */
type Rule = readonly [isRight: (value: unknown) => boolean, words: string | ((value: unknown) => string)];

type Members = { readonly [name: string]: unknown } | null | undefined;

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Whether a value is an object with these functions, and perhaps more. */
const hasFunctions = (value: unknown, ...names: readonly string[]): boolean =>
  names.every((name) => isFunction((value as Members)?.[name]));

const isTimerValue = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 2 ** 31;

/** What a getter throws is as little a number as what it returns. */
const hasSpread = (backoff: unknown): boolean => {
  try {
    const { spreadMs = 0 } = backoff as { readonly spreadMs?: unknown };
    return typeof spreadMs === 'number';
  } catch {
    return false;
  }
};

const isHeartbeat = (value: unknown): boolean => {
  const { intervalMs, timeoutMs, ping = isFunction } = (value ?? {}) as Record<string, unknown>;
  const isRight = isTimerValue(intervalMs) && isTimerValue(timeoutMs) && isFunction(ping);
  return value === false || (isRight && intervalMs !== 0 && timeoutMs !== 0);
};

/** The way to write what an older version took as plain settings: an app that still gives them would lose its messages. */
export const byDurableDelivery = (setting: string): string =>
  `is set by a function: import { durableDelivery } from 'statesocket/delivery', and write delivery: durableDelivery({ ${setting}: … })`;

/** The same for what a connection kept of itself without being asked. */
export const BY_FLIGHT_RECORDER =
  "is made by a function: import { flightRecorder } from 'statesocket', and write recorder: flightRecorder({ maxTransitions: … })";

const FUNCTION: Rule = [isFunction, 'must be a function'];

const SCHEMA: Rule = [
  (value) => hasFunctions((value as Members)?.['~standard'], 'validate'),
  'must be a Standard Schema, for example one of valibot or zod',
];

/**
 * By option. A record, so that the compiler asks for each: an option that is not in it is one that nobody reads. No rule is made
 * by a call, which bundlers could not leave out.
 */
export const OPTION_RULES: Readonly<Record<keyof ConnectionOptions<never>, Rule>> = {
  url: [
    (value) => isFunction(value) || (typeof value === 'string' && value !== ''),
    'must be a string such as "wss://example.org/connect/", or a function that returns one',
  ],
  getToken: FUNCTION,
  protocols: [
    (value) => isFunction(value) || faultOfProtocols(value) === null,
    (value) => `cannot be offered: ${faultOfProtocols(value)}`,
  ],
  WebSocket: [isFunction, 'must be a class'],
  messages: SCHEMA,
  sends: SCHEMA,
  ack: [
    (value) => typeof value === 'boolean' || isFunction(value),
    'must be true, false, or a function that names the id of a message',
  ],
  codec: [(value) => hasFunctions(value, 'decode', 'encode'), 'must be { decode, encode }, two functions'],
  backoff: [
    (value) => isFunction(value) && hasSpread(value),
    'must be a function, for example linearBackoff(); its spreadMs, if any, a number of ms',
  ],
  maxRetries: [
    (value) => value === Number.POSITIVE_INFINITY || isTimerValue(value),
    'must be a number from 0 to 2147483647, or Infinity to never give up',
  ],
  // With 0 each attempt would end before it begins.
  connectTimeoutMs: [
    (value) => isTimerValue(value) && value !== 0,
    'must be a number above 0, up to 2147483647',
  ],
  stableAfterMs: [isTimerValue, 'must be a number from 0 to 2147483647'],
  heartbeat: [
    isHeartbeat,
    'must be false or { intervalMs, timeoutMs, ping? }, with ms above 0 and ping a function',
  ],
  classifyClose: FUNCTION,
  delivery: [(value) => hasFunctions(value, 'begin'), () => byDurableDelivery('durable')],
  signals: [isFunction, 'must be a function that takes `tell` and returns what ends it'],
  inspect: [
    (value) => isFunction(value) || hasFunctions(value, 'next'),
    'must be a function, or an observer with a next function',
  ],
  recorder: [(value) => hasFunctions(value, 'begin'), BY_FLIGHT_RECORDER],
  clock: [
    (value) => hasFunctions(value, 'now', 'setTimeout', 'clearTimeout'),
    'must be { now, setTimeout, clearTimeout }, three functions',
  ],
  random: FUNCTION,
};
