import { createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { connectionSlice } from 'statesocket/redux';
import { byId } from './by-id.ts';
import { sessionEnded } from './session-ended.ts';

/** Who is known to be online or offline, per user id. Nobody is while the connection is not open. */
export type PresenceState = Record<string, { readonly online: boolean }>;

const initialState = (): PresenceState => byId();

export const presenceSlice = createSlice({
  name: 'presence',
  initialState,
  reducers: {
    updateUserPresence(state, { payload }: PayloadAction<{ userId: string; online: boolean }>) {
      state[payload.userId] = { online: payload.online };
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(connectionSlice.actions.connectionChanged, (state, { payload }) =>
        payload.status === 'open' ? state : initialState(),
      )
      .addCase(sessionEnded, initialState),
});

export const { updateUserPresence } = presenceSlice.actions;
