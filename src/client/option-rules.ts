import { faultOfProtocols } from '../actors/subprotocols.ts';
import type { ConnectionOptions } from './connection-options.ts';

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

const isSchema = (value: unknown): boolean => hasFunctions((value as Members)?.['~standard'], 'validate');

/**
 * Whether a value of an option can work. A record, so that the compiler asks for each: an option that is not in it is one that
 * nobody reads. No rule is made by a call, which bundlers could not leave out.
 */
export const OPTION_RULES: Readonly<Record<keyof ConnectionOptions<never>, (value: unknown) => boolean>> = {
  url: (value) => isFunction(value) || (typeof value === 'string' && value !== ''),
  getToken: isFunction,
  protocols: (value) => isFunction(value) || faultOfProtocols(value) === null,
  WebSocket: isFunction,
  messages: isSchema,
  sends: isSchema,
  ack: (value) => typeof value === 'boolean' || isFunction(value),
  codec: (value) => hasFunctions(value, 'decode', 'encode'),
  backoff: (value) => isFunction(value) && hasSpread(value),
  maxRetries: (value) => value === Number.POSITIVE_INFINITY || isTimerValue(value),
  // With 0 each attempt would end before it begins.
  connectTimeoutMs: (value) => isTimerValue(value) && value !== 0,
  stableAfterMs: isTimerValue,
  heartbeat: isHeartbeat,
  classifyClose: isFunction,
  delivery: (value) => hasFunctions(value, 'begin'),
  signals: isFunction,
  inspect: (value) => isFunction(value) || hasFunctions(value, 'next'),
  recorder: (value) => hasFunctions(value, 'begin'),
  clock: (value) => hasFunctions(value, 'now', 'setTimeout', 'clearTimeout'),
  random: isFunction,
};

/** Options of older versions that would now do nothing, and so lose messages or a recording: they are refused. */
export const FORMER_OPTIONS = ['server', 'recording'] as const;

/** The name of an option that is checked, or of two that cannot be combined. */
export type CheckedOption =
  | keyof typeof OPTION_RULES
  | (typeof FORMER_OPTIONS)[number]
  | 'codec with delivery';
