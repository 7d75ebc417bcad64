import { faultOfProtocols } from '../actors/subprotocols.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { faultOfRecording } from '../recording/recording-options.ts';
import type { ConnectionOptions } from './connection-options.ts';

const badOption = (what: string): StatesocketError =>
  new StatesocketError('bad-option', `createConnection: ${what}`);

const isFunction = (value: unknown): boolean => typeof value === 'function';

const CLOCK_FUNCTIONS = ['now', 'setTimeout', 'clearTimeout'] as const;

const isTimerValue = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 2 ** 31;

/** What a getter throws is as little a number as what it answers. */
const spreadMsOf = (backoff: object): unknown => {
  try {
    return (backoff as { readonly spreadMs?: unknown }).spreadMs;
  } catch {
    return null;
  }
};

const checkBackoff = (backoff: unknown): void => {
  if (backoff === undefined) return;
  if (typeof backoff !== 'function')
    throw badOption('backoff must be a function, for example linearBackoff().');
  const spreadMs = spreadMsOf(backoff);
  if (spreadMs !== undefined && typeof spreadMs !== 'number')
    throw badOption('backoff.spreadMs must be a number of ms, or left out.');
};

const checkHeartbeat = (heartbeat: unknown): void => {
  if (heartbeat === undefined || heartbeat === false) return;
  const { intervalMs, timeoutMs, ping } = (heartbeat ?? {}) as Record<string, unknown>;
  const isRight =
    isTimerValue(intervalMs) && isTimerValue(timeoutMs) && (ping === undefined || isFunction(ping));
  if (!isRight || intervalMs === 0 || timeoutMs === 0) {
    throw badOption(
      'heartbeat must be false or { intervalMs, timeoutMs, ping? }, with ms above 0 and ping a function.',
    );
  }
};

const checkCodec = ({ codec, delivery }: Pick<ConnectionOptions<never>, 'codec' | 'delivery'>): void => {
  if (codec === undefined) return;
  if (!isFunction(codec?.decode) || !isFunction(codec?.encode))
    throw badOption('codec must be { decode, encode }, two functions.');
  if (delivery !== undefined)
    throw badOption(
      'delivery speaks the delivery extension, which is JSON: leave out codec, or leave out delivery.',
    );
};

const MADE_BY_HAND =
  "delivery is made by a function. Write import { durableDelivery } from 'statesocket/delivery', and";

/** Both were plain settings once: an app that still gives them would lose its messages. */
const checkDelivery = (delivery: unknown, server: unknown): void => {
  const { begin } = (delivery ?? {}) as { readonly begin?: unknown };
  if (delivery !== undefined && !isFunction(begin))
    throw badOption(`${MADE_BY_HAND} delivery: durableDelivery({ durable: … }).`);
  if (server !== undefined) throw badOption(`${MADE_BY_HAND} delivery: durableDelivery({ server: … }).`);
};

const checkMaxRetries = (maxRetries: unknown): void => {
  if (maxRetries === undefined || maxRetries === Number.POSITIVE_INFINITY || isTimerValue(maxRetries)) return;
  throw badOption('maxRetries must be a number from 0 to 2147483647, or Infinity to never give up.');
};

/** Throws `bad-option` for what could only go wrong later, far from its cause. */
export const checkOptions = <M extends { type: string }>(options: ConnectionOptions<M>): void => {
  if (typeof options !== 'object' || options === null) throw badOption('pass an object with at least a url.');
  const { url, getToken, messages, ack, backoff, clock, random } = options;
  if (!isFunction(url) && (typeof url !== 'string' || url === '')) {
    throw badOption(
      'url must be a string such as "wss://example.org/connect/", or a function that answers one.',
    );
  }
  if (getToken !== undefined && !isFunction(getToken)) throw badOption('getToken must be a function.');
  const faultInProtocols = isFunction(options.protocols) ? null : faultOfProtocols(options.protocols);
  if (faultInProtocols !== null) throw badOption(`protocols: ${faultInProtocols}.`);
  if (options.WebSocket !== undefined && !isFunction(options.WebSocket))
    throw badOption('WebSocket must be a class.');
  if (messages !== undefined && !isFunction(messages?.['~standard']?.validate)) {
    throw badOption('messages must be a Standard Schema, for example one of valibot or zod.');
  }
  if (options.sends !== undefined && !isFunction(options.sends?.['~standard']?.validate)) {
    throw badOption('sends must be a Standard Schema, for example one of valibot or zod.');
  }
  if (ack !== undefined && typeof ack !== 'boolean' && !isFunction(ack))
    throw badOption('ack must be true, false, or a function that names the id of a message.');
  checkCodec(options);
  checkBackoff(backoff);
  if (random !== undefined && !isFunction(random)) throw badOption('random must be a function.');
  if (clock !== undefined && !CLOCK_FUNCTIONS.every((name) => isFunction(clock?.[name]))) {
    throw badOption('clock must have now, setTimeout and clearTimeout.');
  }
  if (options.signals !== undefined && !isFunction(options.signals)) {
    throw badOption('signals must be a function that takes `tell` and returns what ends it.');
  }
  if (options.classifyClose !== undefined && !isFunction(options.classifyClose)) {
    throw badOption('classifyClose must be a function.');
  }
  checkHeartbeat(options.heartbeat);
  checkDelivery(options.delivery, (options as { readonly server?: unknown }).server);
  const fault = faultOfRecording(options.recording);
  if (fault !== null) throw badOption(fault);
  checkMaxRetries(options.maxRetries);
  const { connectTimeoutMs = 1, stableAfterMs = 0, inspect } = options;
  if (!isTimerValue(stableAfterMs)) throw badOption('stableAfterMs must be a number from 0 to 2147483647.');
  // With 0 each attempt would end before it begins.
  if (!isTimerValue(connectTimeoutMs) || connectTimeoutMs === 0)
    throw badOption('connectTimeoutMs must be a number above 0, up to 2147483647.');
  if (typeof inspect !== 'function' && inspect !== undefined && !isFunction(inspect?.next))
    throw badOption('inspect must be a function, or an observer with a next function.');
};
