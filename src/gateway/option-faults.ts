import { cureOfName } from '../lib/closest-name.ts';
import { findUnknownNames, type Names } from '../lib/unknown-names.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { Engine } from './engine/engine.ts';
import type { GatewayOptions, GatewaySettings, UpgradeServer } from './gateway-options.ts';
import type { GatewayObserver } from './observation/gateway-observer.ts';
import type { PresenceAudience } from './presence.ts';
import { faultOfTrust } from './wire/client-address.ts';
import { faultsOfOrigins } from './wire/origin-rule.ts';

const OPTIONS: Names<GatewayOptions> = {
  server: true,
  engine: true,
  authenticate: true,
  allowedOrigins: true,
  handle: true,
  presence: true,
  maxPayloadBytes: true,
  heartbeatMs: true,
  presenceGraceMs: true,
  maxBufferedBytes: true,
  trustProxy: true,
  maxPendingHandshakes: true,
  maxPendingHandshakesPerAddress: true,
  maxSockets: true,
  maxSocketsPerAddress: true,
  maxSocketsPerUser: true,
  maxCommandsPerSecond: true,
  maxBytesPerSecond: true,
  maxLoopMsPerSecond: true,
  maxInputBytesPerUser: true,
  messageDeadlineMs: true,
  clock: true,
  onError: true,
  observers: true,
};

const SERVER: readonly (keyof UpgradeServer)[] = ['on', 'off', 'listenerCount', 'emit'];
const ENGINE: readonly (keyof Engine)[] = ['append', 'readAfter', 'last', 'subscribe', 'decide', 'recall'];
const PRESENCE: readonly (keyof PresenceAudience)[] = ['watchers', 'watched'];
const CLOCK = ['now', 'setTimeout', 'clearTimeout'] as const;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const has = (value: unknown, methods: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((name) => isFunction(Reflect.get(value, name)));

const OBSERVER: readonly (keyof GatewayObserver)[] = ['attach', 'record', 'command'];
const isObserver = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  OBSERVER.some((name) => isFunction(Reflect.get(value, name)));

const MAX_HEARTBEAT_MS = 30_000;
const MANY = Number.MAX_SAFE_INTEGER;

const faultsOfNumbers = (settings: GatewaySettings): readonly string[] => {
  const { maxPayloadBytes: largest } = settings;
  const ranges: readonly (readonly [keyof GatewaySettings, least: number, most: number])[] = [
    ['maxPayloadBytes', 1, 2 ** 31 - 1],
    ['heartbeatMs', 1, MAX_HEARTBEAT_MS],
    ['presenceGraceMs', 0, 2 ** 31 - 1],
    ['maxBufferedBytes', 1, MANY],
    ['maxPendingHandshakes', 1, MANY],
    ['maxPendingHandshakesPerAddress', 1, MANY],
    ['maxSockets', 1, MANY],
    ['maxSocketsPerAddress', 1, MANY],
    ['maxSocketsPerUser', 1, MANY],
    ['maxCommandsPerSecond', 1, MANY],
    ['maxBytesPerSecond', 1, MANY],
    ['maxLoopMsPerSecond', 1, 1_000],
    ['maxInputBytesPerUser', typeof largest === 'number' && largest >= 1 ? largest : 1, MANY],
    ['messageDeadlineMs', 1, 2 ** 31 - 1],
  ];
  return ranges.flatMap(([name, least, most]) => {
    const value = settings[name];
    if (typeof value === 'number' && value >= least && value <= most) return [];
    return [`${name} must be a number from ${least} to ${most}.`];
  });
};

/** An app of Express is a function with the methods of an emitter, and never gets an upgrade. */
const NO_SERVER =
  'server must be an HTTP server, such as createServer() of node:http or what app.listen() returns.';

function* faultsIn(settings: GatewaySettings): Generator<string> {
  for (const name of findUnknownNames(settings, OPTIONS))
    yield `There is no option ${name}. ${cureOfName(name, Object.keys(OPTIONS))}`;
  if (!has(settings.server, SERVER)) yield NO_SERVER;
  if (!has(settings.engine, ENGINE))
    yield 'engine must be an engine, such as memoryEngine() or sqliteEngine({ file }).';
  for (const name of ['authenticate', 'handle'] as const)
    if (!isFunction(settings[name])) yield `${name} must be a function.`;
  yield* faultsOfOrigins(settings.allowedOrigins);
  if (settings.presence !== undefined && !has(settings.presence, PRESENCE))
    yield 'presence must be { watchers, watched }, two functions, or left out.';
  if (settings.onError !== undefined && !isFunction(settings.onError))
    yield 'onError must be a function, or left out.';
  if (!Array.isArray(settings.observers) || !settings.observers.every(isObserver))
    yield 'observers must be an array of objects with attach, record or command, or left out.';
  yield* faultsOfNumbers(settings);
  const trust = faultOfTrust(settings.trustProxy);
  if (trust !== null) yield trust;
  if (!has(settings.clock, CLOCK)) yield 'clock must have now, setTimeout and clearTimeout.';
}

/**
 * Throws what is wrong with the options of `createGateway`, all of it in one message. A name that nobody reads is thrown
 * too: it may be the limit, or the `trustProxy`, that the operator relies on.
 *
 * @throws {StatesocketError} `bad-option`.
 */
export const checkSettings = (settings: GatewaySettings): void => {
  const faults = [...faultsIn(settings)];
  if (faults.length > 0) throw new StatesocketError('bad-option', `createGateway: ${faults.join(' ')}`);
};
