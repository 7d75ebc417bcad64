import { createAsyncThunk, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { Invitation } from '../../../contract/http-api.ts';
import * as api from '../api/redngift-api.ts';
import { sessionEnded } from './session-ended.ts';

/** The open invitations of the user. */
export type InvitationsState = readonly Invitation[];

const initialState = (): InvitationsState => [];

export const fetchInvitations = createAsyncThunk('invitations/fetch', () => api.fetchInvitations());
export const acceptInvitation = createAsyncThunk('invitations/accept', (id: string) =>
  api.acceptInvitation(id),
);
export const declineInvitation = createAsyncThunk('invitations/decline', (id: string) =>
  api.declineInvitation(id),
);

const without = (state: InvitationsState, id: string): InvitationsState =>
  state.filter((invitation) => invitation.id !== id);

export const invitationsSlice = createSlice({
  name: 'invitations',
  initialState,
  reducers: {
    invitationsReceived: (state, { payload }: PayloadAction<readonly Invitation[]>): InvitationsState => [
      ...new Map([...state, ...payload].map((invitation) => [invitation.id, invitation])).values(),
    ],
  },
  extraReducers: (builder) =>
    builder
      .addCase(fetchInvitations.fulfilled, (_, { payload }): InvitationsState => payload)
      .addCase(acceptInvitation.fulfilled, (state, { meta }) => without(state, meta.arg))
      .addCase(declineInvitation.fulfilled, (state, { meta }) => without(state, meta.arg))
      .addCase(sessionEnded, initialState),
});

export const { invitationsReceived } = invitationsSlice.actions;
