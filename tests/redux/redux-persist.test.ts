import { combineReducers, configureStore, createSlice } from '@reduxjs/toolkit';
import { type PersistConfig, persistReducer, persistStore } from 'redux-persist';
import autoMergeLevel1 from 'redux-persist/lib/stateReconciler/autoMergeLevel1';
import autoMergeLevel2 from 'redux-persist/lib/stateReconciler/autoMergeLevel2';
import { createConnection } from 'statesocket';
import { bridgeToRedux, connectionSlice } from 'statesocket/redux';
import { createFakeServer } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

const chat = createSlice({ name: 'chat', initialState: [] as string[], reducers: {} });
const reducer = combineReducers({ connection: connectionSlice.reducer, chat: chat.reducer });
type Reconciler = NonNullable<PersistConfig<ReturnType<typeof reducer>>['stateReconciler']>;

/** What an earlier page has left: it was open, and nothing was kept out of the storage. */
const LEFT = {
  connection: JSON.stringify({
    status: 'open',
    failure: null,
    retryCount: 3,
    maxRetries: 20,
    nextRetryAt: 12,
    lastEnd: { cause: 'closed', code: 1006, reason: '', wasClean: false },
  }),
  chat: JSON.stringify(['hello']),
  _persist: JSON.stringify({ version: -1, rehydrated: true }),
};

const openPage = (stateReconciler: Reconciler) => {
  const kept = new Map([['persist:root', JSON.stringify(LEFT)]]);
  const storage = {
    getItem: async (key: string) => kept.get(key) ?? null,
    setItem: async (key: string, value: string) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
  };
  const store = configureStore({
    reducer: persistReducer({ key: 'root', storage, stateReconciler }, reducer),
    middleware: (defaults) => defaults({ serializableCheck: false }),
  });
  const server = createFakeServer();
  const connection = createConnection({ url: 'wss://redngift.test/', WebSocket: server.WebSocket });
  const rehydrates = async () => {
    const persistor = persistStore(store);
    await vi.waitFor(() => expect(persistor.getState().bootstrapped).toBe(true));
    expect(store.getState().chat).toEqual(['hello']);
  };
  return {
    store,
    server,
    connection,
    rehydrates,
    bridges: () => bridgeToRedux(connection, store.dispatch, {}),
  };
};

const interop = (module: unknown) => ((module as { default?: unknown }).default ?? module) as Reconciler;

describe.each([
  ['autoMergeLevel1', interop(autoMergeLevel1)],
  ['autoMergeLevel2', interop(autoMergeLevel2)],
])('a store that is rehydrated from a page that was open, with %s,', (_name, reconciler) => {
  it('shows idle while nobody is signed in: the bridge first', async () => {
    const { store, connection, rehydrates, bridges } = openPage(reconciler);
    bridges();
    await rehydrates();
    expect(store.getState().connection).toEqual(connection.getSnapshot());
  });

  it('shows idle while nobody is signed in: the rehydration first, and before there is a bridge', async () => {
    const { store, connection, rehydrates, bridges } = openPage(reconciler);
    await rehydrates();
    expect(store.getState().connection).toEqual(connection.getSnapshot());
    bridges();
    expect(store.getState().connection).toEqual(connection.getSnapshot());
  });

  it('shows what the connection of this page does by then', async () => {
    const { store, server, connection, rehydrates, bridges } = openPage(reconciler);
    bridges();
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.closes(4403);
    await rehydrates();
    expect(store.getState().connection).toEqual(connection.getSnapshot());
    expect(store.getState().connection.status).toBe('failed');
  });
});
