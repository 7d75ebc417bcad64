import { platformClock } from '../lib/clock.ts';
import { MAX_PAYLOAD_BYTES } from '../protocol/limits.ts';
import type { GatewayOptions, GatewaySettings } from './gateway-options.ts';
import { checkSettings } from './option-faults.ts';

/**
 * Fills in the defaults.
 *
 * @throws {StatesocketError} `bad-option` for what is missing, of the wrong kind or out of its range, and for a name that nobody
 * reads. The message has all of it.
 */
export const settleOptions = (options: GatewayOptions): GatewaySettings => {
  const settings: GatewaySettings = {
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    heartbeatMs: 14_000,
    presenceGraceMs: 3_000,
    maxBufferedBytes: 8 * 1024 * 1024,
    trustProxy: false,
    maxPendingHandshakes: 1_000,
    maxPendingHandshakesPerAddress: 100,
    maxSockets: 10_000,
    maxSocketsPerAddress: 1_000,
    maxSocketsPerUser: 16,
    maxCommandsPerSecond: 50,
    maxBytesPerSecond: 1024 * 1024,
    maxLoopMsPerSecond: 200,
    maxInputBytesPerUser: Math.max(16 * 1024 * 1024, options?.maxPayloadBytes ?? 0),
    messageDeadlineMs: 30_000,
    clock: platformClock,
    observers: [],
    ...options,
  };
  checkSettings(settings);
  return settings;
};
