import type { ThunkAction, UnknownAction } from '@reduxjs/toolkit';
import type { Discontinuity } from 'statesocket';
import { type ChatState, fetchConversations, fetchMessages, messagesMissed } from './chat-slice.ts';
import { fetchGroups } from './groups-slice.ts';
import { fetchInvitations } from './invitations-slice.ts';

type StateThunk<Answer> = ThunkAction<Answer, { chat: ChatState }, unknown, UnknownAction>;

/** Fetches the lists that every screen shows. A list that fails says so in its place, and offers to try again. */
export const loadOverview = (): StateThunk<readonly { unwrap(): Promise<unknown> }[]> => (dispatch) => [
  dispatch(fetchGroups()),
  dispatch(fetchInvitations()),
  dispatch(fetchConversations()),
];

/**
 * Fetches what the socket has not brought and will not bring: the lists, and the page of the conversation on the screen.
 *
 * @throws when a part could not be fetched: it is asked for again later.
 */
export const reloadState =
  (reason: Discontinuity['reason']): StateThunk<Promise<void>> =>
  async (dispatch, getState) => {
    if (reason === 'gap') dispatch(messagesMissed());
    await Promise.all(dispatch(loadOverview()).map((load) => load.unwrap()));
    const { conversations, onScreen } = getState().chat;
    // The address may name a conversation of somebody else: that is no reason to fail.
    const isOurs = conversations.some(({ id }) => id === onScreen?.conversationId);
    if (onScreen !== null && isOurs) await dispatch(fetchMessages(onScreen.conversationId)).unwrap();
  };
