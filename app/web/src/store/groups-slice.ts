import { createAsyncThunk, createSlice } from '@reduxjs/toolkit';
import type { Group } from '../../../contract/http-api.ts';
import * as api from '../api/redngift-api.ts';
import { acceptInvitation } from './invitations-slice.ts';
import type { LoadState } from './load-state.ts';
import { sessionEnded } from './session-ended.ts';

export interface GroupsState {
  readonly groups: readonly Group[];
  readonly load: LoadState;
}

const initialState = (): GroupsState => ({ groups: [], load: 'unloaded' });

export const fetchGroups = createAsyncThunk('groups/fetchGroups', () => api.fetchGroups());
export const fetchOneGroup = createAsyncThunk('groups/fetchOneGroup', (groupId: string) =>
  api.fetchGroup(groupId),
);
export const createGroup = createAsyncThunk('groups/create', (name: string) => api.createGroup({ name }));
export const drawNames = createAsyncThunk('groups/drawNames', (groupId: string) => api.drawNames(groupId));
export const invite = createAsyncThunk(
  'groups/invite',
  async ({ groupId, email }: { groupId: string; email: string }, { dispatch }) => {
    await api.invite(groupId, { email });
    await dispatch(fetchOneGroup(groupId));
  },
);

const withGroup = (state: GroupsState, group: Group): GroupsState => ({
  ...state,
  groups: state.groups.some(({ id }) => id === group.id)
    ? state.groups.map((known) => (known.id === group.id ? group : known))
    : [...state.groups, group],
});

export const groupsSlice = createSlice({
  name: 'groups',
  initialState,
  reducers: {},
  extraReducers: (builder) =>
    builder
      .addCase(fetchGroups.pending, (state) => {
        if (state.load !== 'loaded') state.load = 'loading';
      })
      .addCase(fetchGroups.rejected, (state) => {
        if (state.load !== 'loaded') state.load = 'failed';
      })
      .addCase(fetchGroups.fulfilled, (_, { payload }) => ({ groups: payload, load: 'loaded' }))
      .addCase(fetchOneGroup.fulfilled, (state, { payload }) => withGroup(state, payload))
      .addCase(createGroup.fulfilled, (state, { payload }) => withGroup(state, payload))
      .addCase(drawNames.fulfilled, (state, { payload }) => withGroup(state, payload))
      .addCase(acceptInvitation.fulfilled, (state, { payload }) => withGroup(state, payload))
      .addCase(sessionEnded, initialState),
});
