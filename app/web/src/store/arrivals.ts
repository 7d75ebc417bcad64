import type { ThunkAction, UnknownAction } from '@reduxjs/toolkit';
import type { ChatMessage } from '../../../contract/http-api.ts';
import { addChatMessage, type ChatState, fetchConversations } from './chat-slice.ts';

type ChatThunk = ThunkAction<void, { chat: ChatState }, unknown, UnknownAction>;

/** Messages came over the socket. One of a conversation that is not known yet has that list fetched. */
export const messagesArrived =
  (messages: readonly ChatMessage[]): ChatThunk =>
  (dispatch, getState) => {
    dispatch(addChatMessage(messages));
    const known = new Set(getState().chat.conversations.map(({ id }) => id));
    if (messages.some(({ conversationId }) => !known.has(conversationId))) dispatch(fetchConversations());
  };
