/** A page that follows a log into a Redux store, and keeps an outbox in IndexedDB. in-browser.mjs calls `bench`. */
import { configureStore, createSlice } from '@reduxjs/toolkit';
import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { bridgeToRedux } from 'statesocket/redux';

const chat = createSlice({
  name: 'chat',
  initialState: { texts: [] },
  reducers: {
    heard: (state, { payload }) => {
      state.texts.push(payload.text);
    },
  },
});
const store = configureStore({
  reducer: { chat: chat.reducer },
  middleware: (defaults) => defaults({ serializableCheck: false, immutableCheck: false }),
});
const connection = createConnection({
  url: `ws://${location.host}/connect/a-token/`,
  delivery: durableDelivery({
    durable: ({ type }) => type === 'SAY',
    storage: 'indexedDB',
    server: 'statesocket',
    maxCount: 100_000,
  }),
});
bridgeToRedux(connection, store, { SAID: (message) => chat.actions.heard(message) });

let appliedCount = 0;
let firstAt = 0;
let lastAt = 0;
connection.on('SAID', () => {
  lastAt = performance.now();
  if (appliedCount === 0) firstAt = lastAt;
  appliedCount += 1;
});
const longTasksMs = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasksMs.push(duration);
}).observe({ type: 'longtask' });

const until = async (isSo) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

globalThis.bench = {
  connection,
  async live() {
    connection.connect({ userId: 'ada' });
    await until(() => connection.delivery.getSnapshot().status === 'live');
  },
  leave: () => connection.disconnect(),
  expect() {
    appliedCount = 0;
    longTasksMs.length = 0;
  },
  /** How long the messages took, from the first one's listeners to the last one's, and the longest task meanwhile. */
  async applied(count) {
    await until(() => appliedCount >= count);
    // The Redux bridge is done a frame later.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { ms: lastAt - firstAt, longestTaskMs: Math.max(0, ...longTasksMs) };
  },
  async says(count) {
    for (let index = 0; index < count; index += 1) connection.send({ type: 'SAY', text: `message ${index}` });
    // All are in the store when they have been there once: a reload shows it.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return connection.outbox.entries.length;
  },
};
