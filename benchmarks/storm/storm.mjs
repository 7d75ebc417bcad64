import { createServer } from './server.mjs';
import { createVirtualQueue } from './virtual-queue.mjs';

/** The setting of the question; `scale` makes fewer clients and a slower server alike. */
export const settingOf = (scale, downMs) => ({
  clientCount: 100_000 * scale,
  downMs,
  acceptsPerSecond: 2_000 * scale,
  /** Clients notice the loss over this time: TCP resets and close frames do not all arrive at once. */
  noticeMs: 100,
  /** From a dial to its refusal or acceptance. */
  roundTripMs: 50,
  /** Who is not back then counts as not back. */
  limitMs: 3_600_000,
});

/** A small seeded generator, so that a run can be repeated. Source: mulberry32, Tommy Ettinger, public domain. */
export const seeded = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** When the clients are back at the very earliest, in ms after the server listens: as fast as it accepts. */
export const floorMsOf = ({ clientCount, acceptsPerSecond }, share) =>
  (1_000 * clientCount * share) / acceptsPerSecond;

/**
 * All clients lose the same server at 0. Answers the ms from listening to open of those that came back, in order, and how
 * many gave up; dials are counted too.
 */
export const storm = (clientOf, setting, random) => {
  const { clientCount, downMs, noticeMs, roundTripMs, limitMs } = setting;
  const server = createServer(setting);
  const queue = createVirtualQueue(clientCount);
  const clients = [];
  let gaveUpCount = 0;
  let dialCount = 0;
  const plan = (client, nowMs) => {
    const nextAt = clients[client](nowMs);
    if (nextAt === null) gaveUpCount += 1;
    else if (nextAt < limitMs) queue.push(nextAt, client);
  };
  for (let client = 0; client < clientCount; client += 1) {
    clients.push(clientOf(random));
    plan(client, random() * noticeMs);
  }
  const backMs = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    dialCount += 1;
    if (server.accepts(next.atMs)) backMs.push(next.atMs + roundTripMs - downMs);
    else plan(next.client, next.atMs + roundTripMs);
  }
  return { backMs, gaveUpCount, dialCount };
};
