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
    /** These are online of those whom one may watch, and nobody else is. */
    presenceShown(_, { payload }: PayloadAction<readonly string[]>) {
      const state = initialState();
      for (const userId of payload) state[userId] = { online: true };
      return state;
    },
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

export const { presenceShown, updateUserPresence } = presenceSlice.actions;
