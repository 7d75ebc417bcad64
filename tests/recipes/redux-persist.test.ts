import { combineReducers, configureStore, createSlice } from '@reduxjs/toolkit';
import {
  FLUSH,
  PAUSE,
  PERSIST,
  PURGE,
  persistReducer,
  persistStore,
  REGISTER,
  REHYDRATE,
} from 'redux-persist';
import { createConnection } from 'statesocket';
import { bridgeToRedux, connectionSlice } from 'statesocket/redux';
import { createFakeServer } from 'statesocket/testing';
import { expect, it, vi } from 'vitest';

const drafts = createSlice({
  name: 'drafts',
  initialState: [] as string[],
  reducers: { written: (state, { payload }: { payload: string }) => [...state, payload] },
});

const reducer = combineReducers({
  [connectionSlice.name]: connectionSlice.reducer,
  [drafts.name]: drafts.reducer,
});

const createStore = (storage: Parameters<typeof persistReducer>[0]['storage']) =>
  configureStore({
    // What the connection is doing is of this page: keep it out.
    reducer: persistReducer({ key: 'root', storage, blacklist: [connectionSlice.name] }, reducer),
    middleware: (defaults) =>
      defaults({
        serializableCheck: { ignoredActions: [FLUSH, PAUSE, PERSIST, PURGE, REGISTER, REHYDRATE] },
      }),
  });

it('drafts survive a reload, and nobody is shown as connected before anybody is', async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: async (key: string) => kept.get(key) ?? null,
    setItem: async (key: string, value: string) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
  };
  const page = () => {
    const server = createFakeServer();
    const connection = createConnection({ url: 'wss://example.org/connect/', WebSocket: server.WebSocket });
    const store = createStore(storage);
    bridgeToRedux(connection, store.dispatch, {});
    return { server, connection, store, persistor: persistStore(store) };
  };

  const before = page();
  before.connection.connect({ userId: 'ada' });
  before.server.accepts();
  await vi.waitFor(() => expect(before.persistor.getState().bootstrapped).toBe(true));
  before.store.dispatch(drafts.actions.written('typed in a tunnel'));
  expect(before.store.getState().connection.status).toBe('open');
  await before.persistor.flush();

  const after = page();
  await vi.waitFor(() => expect(after.persistor.getState().bootstrapped).toBe(true));
  expect(after.store.getState().drafts).toEqual(['typed in a tunnel']);
  expect(after.store.getState().connection.status).toBe('idle');
});
