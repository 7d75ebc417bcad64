import {
  createSlice,
  nanoid,
  type PayloadAction,
  type ThunkAction,
  type UnknownAction,
} from '@reduxjs/toolkit';
import { connectionSlice } from 'statesocket/redux';
import { byId } from './by-id.ts';
import { addChatMessage } from './chat-slice.ts';
import { sessionEnded } from './session-ended.ts';

/** How long "is typing" stays after the last TYPING; a partner sends one a second while they type. */
export const TYPING_EXPIRES_MS = 4_000;

/** The conversations whose partner is typing; the value tells one bout of typing from the next. */
export type TypingState = Record<string, string>;

const initialState = (): TypingState => byId();

export const typingSlice = createSlice({
  name: 'typing',
  initialState,
  reducers: {
    setUserTyping: {
      prepare: (typing: { conversationId: string; isTyping: boolean }) => ({
        payload: { ...typing, bout: nanoid() },
      }),
      reducer(
        state,
        { payload }: PayloadAction<{ conversationId: string; isTyping: boolean; bout: string }>,
      ) {
        if (payload.isTyping) state[payload.conversationId] = payload.bout;
        else delete state[payload.conversationId];
      },
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(addChatMessage, (state, { payload }) => {
        for (const { conversationId, mine } of [payload].flat()) if (!mine) delete state[conversationId];
      })
      .addCase(connectionSlice.actions.connectionChanged, (state, { payload }) =>
        payload.status === 'open' ? state : initialState(),
      )
      .addCase(sessionEnded, initialState),
});

export const { setUserTyping } = typingSlice.actions;

/** The partner typed: says so, and takes it back after {@link TYPING_EXPIRES_MS} without another TYPING. */
export const userTyped =
  (conversationId: string): ThunkAction<void, { typing: TypingState }, unknown, UnknownAction> =>
  (dispatch, getState) => {
    const { payload } = dispatch(setUserTyping({ conversationId, isTyping: true }));
    setTimeout(() => {
      if (getState().typing[conversationId] === payload.bout) {
        dispatch(setUserTyping({ conversationId, isTyping: false }));
      }
    }, TYPING_EXPIRES_MS);
  };
