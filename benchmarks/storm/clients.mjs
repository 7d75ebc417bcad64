/**
 * When a client dials again, as its library does by default. `clientOf(random)` makes one client; it is told of each loss
 * or refusal and answers when it dials next, in ms, or null: it has given up. Nothing here opens a socket.
 */
import { exponentialBackoff, linearBackoff } from 'statesocket';
import {
  CONNECT_BUDGET_COUNT,
  CONNECT_BUDGET_WINDOW_MS,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_MAX_RETRIES,
} from 'statesocket/machines';

/**
 * As our chart does: 20 retries, and 10 dials, each refunded 60 s and the connect timeout later. It has been open for
 * longer than that, so that nothing of the budget is spent. A test compares this model with the chart.
 */
export const statesocket = (backoff) => (random) => {
  const dialledAt = [];
  let retryCount = 0;
  return (nowMs) => {
    if (retryCount === DEFAULT_MAX_RETRIES) return null;
    retryCount += 1;
    const spent = dialledAt.at(-CONNECT_BUDGET_COUNT);
    const refundedAt =
      spent === undefined ? 0 : spent + CONNECT_BUDGET_WINDOW_MS + DEFAULT_CONNECT_TIMEOUT_MS;
    const nextAt = Math.max(nowMs + backoff(retryCount, random), refundedAt);
    dialledAt.push(nextAt);
    return nextAt;
  };
};

/** The others neither give up nor have a budget: `delayOf(failure, random)`, failures from 1. */
const endless = (delayOf) => (random) => {
  let failure = 0;
  return (nowMs) => {
    failure += 1;
    return nowMs + delayOf(failure, random);
  };
};

/** socket.io-client 4.8.4, build/esm/manager.js (1 s, 5 s, 0.5) and build/esm/contrib/backo2.js. */
const socketIo = endless((failure, random) => {
  const exactMs = 1_000 * 2 ** (failure - 1);
  const drawn = random();
  const deviationMs = Math.floor(drawn * 0.5 * exactMs);
  const isEarlier = (Math.floor(drawn * 10) & 1) === 0;
  return Math.floor(Math.min(5_000, isEarlier ? exactMs - deviationMs : exactMs + deviationMs));
});

/** centrifuge 5.8.0, build/index.mjs, `backoff` with `minReconnectDelay` 500 and `maxReconnectDelay` 20000. */
const centrifuge = endless((failure, random) =>
  Math.min(20_000, 500 + Math.floor(random() * (Math.min(20_000, 500 * 2 ** (failure - 1)) + 1))),
);

const PHOENIX_STEPS_MS = [10, 50, 100, 150, 200, 250, 500, 1_000, 2_000];

/** phoenix 1.8.16, assets/js/phoenix/socket.js, `reconnectAfterMs`. */
const phoenix = endless((failure) => PHOENIX_STEPS_MS[failure - 1] ?? 5_000);

const growing = (failure, leastMs) => (failure === 1 ? 0 : Math.min(10_000, leastMs * 1.3 ** (failure - 2)));

/** partysocket 1.3.0, dist/ws.js, `DEFAULT` and `_getNextDelay`. */
const partysocket = endless((failure) => growing(failure, 3_000));

/** reconnecting-websocket 4.4.0, dist/reconnecting-websocket-cjs.js: as partysocket, from 1 to 5 s, drawn once per page. */
const reconnectingWebSocket = (random) => {
  const leastMs = 1_000 + random() * 4_000;
  return endless((failure) => growing(failure, leastMs))(random);
};

export const CLIENTS = {
  'statesocket, its default': statesocket(exponentialBackoff()),
  "statesocket, RednGift's exact linear schedule": statesocket(linearBackoff()),
  'statesocket, the default with full jitter': statesocket(exponentialBackoff({ jitter: 'full' })),
  'statesocket, the default without jitter': statesocket(exponentialBackoff({ jitter: 'none' })),
  'socket.io': socketIo,
  centrifuge,
  phoenix,
  partysocket,
  'reconnecting-websocket': reconnectingWebSocket,
};
