import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { ConnectionSnapshot } from '../client/connection.ts';
import { idleSnapshotOf } from '../client/idle-snapshots.ts';

/**
 * The connection as the store sees it: what `connection.getSnapshot()` says, nothing more. Plain data; no socket,
 * event or date. Idle until a bridge runs. A rehydration by redux-persist does not reach it (docs/recipes/redux-persist.md).
 *
 * @example
 * const store = configureStore({ reducer: { [connectionSlice.name]: connectionSlice.reducer } });
 * store.getState().connection.status; // 'idle'
 */
export const connectionSlice = createSlice({
  name: 'connection',
  initialState: idleSnapshotOf(),
  reducers: {
    /** Dispatched by `bridgeToRedux`; the payload replaces the state. */
    connectionChanged: (_state, action: PayloadAction<ConnectionSnapshot>) => action.payload,
  },
  // redux-persist leaves alone what a reducer has changed on its action, and a copy counts: what was stored is of another page.
  extraReducers: (builder) => builder.addCase('persist/REHYDRATE', (state) => ({ ...state })),
});
