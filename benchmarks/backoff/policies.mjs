/** The schedules that were weighed for the default, under our retries and our connect budget, and the rivals' beside them. */
import { exponentialBackoff } from 'statesocket';
import { CLIENTS, statesocket } from '../storm/clients.mjs';

const exponential = (options) => statesocket(exponentialBackoff(options));

/** Each wait is drawn between the least and three times the one before. Needs a memory, so it is no `Backoff`. */
const decorrelated = (leastMs, capMs) => (random) => {
  let lastMs = leastMs;
  return statesocket(() => {
    lastMs = Math.min(capMs, leastMs + random() * (3 * lastMs - leastMs));
    return lastMs;
  })(random);
};

const smooth = (options) => exponential({ quickCount: Number.POSITIVE_INFINITY, ...options });

export const POLICIES = {
  'the default: equal, 7 quick from 0.9 s x 1.35, then 20 s': exponential(),
  'equal, 6 quick from 0.9 s x 1.35, then 20 s': exponential({ quickCount: 6 }),
  'equal, 8 quick from 0.9 s x 1.35, then 20 s': exponential({ quickCount: 8 }),
  'equal, 7 quick from 0.9 s x 1.35, then 30 s': exponential({ capMs: 30_000 }),
  'full, 7 quick from 0.9 s x 1.35, then 20 s': exponential({ jitter: 'full' }),
  'equal, 0.8 s x 1.5 up to 20 s': smooth({ baseMs: 800, growth: 1.5 }),
  'equal, 0.8 s x 1.45 up to 24 s': smooth({ baseMs: 800, growth: 1.45, capMs: 24_000 }),
  'equal, 0.5 s x 2 up to 30 s': smooth({ baseMs: 500, growth: 2, capMs: 30_000 }),
  'full, 0.5 s x 2 up to 30 s: the default before': smooth({
    baseMs: 500,
    growth: 2,
    capMs: 30_000,
    jitter: 'full',
  }),
  'full, 0.5 s x 2 up to 20 s': smooth({ baseMs: 500, growth: 2, jitter: 'full' }),
  'full, 1 s x 1.5 up to 20 s': smooth({ baseMs: 1_000, growth: 1.5, jitter: 'full' }),
  'decorrelated, from 0.5 s up to 20 s': decorrelated(500, 20_000),
  'none, 7 quick from 0.6 s x 1.35, then 15 s': exponential({ baseMs: 600, capMs: 15_000, jitter: 'none' }),
  'socket.io': CLIENTS['socket.io'],
  centrifuge: CLIENTS.centrifuge,
  phoenix: CLIENTS.phoenix,
  partysocket: CLIENTS.partysocket,
  'reconnecting-websocket': CLIENTS['reconnecting-websocket'],
};
