import { createListenerMiddleware } from '@reduxjs/toolkit';
import type { ConnectionSnapshot } from 'statesocket';
import { connectionSlice } from 'statesocket/redux';
import { loadOverview } from './arrivals.ts';
import { type ChatState, fetchMessages } from './chat-slice.ts';

interface State {
  readonly connection: ConnectionSnapshot;
  readonly chat: ChatState;
}

/**
 * What was missed while the connection was not open is fetched each time it opens: groups, invitations, conversations,
 * and the conversation on the screen.
 */
export const refetchOnOpen = () => {
  const listener = createListenerMiddleware();
  listener.startListening({
    predicate: (action, now, before) =>
      connectionSlice.actions.connectionChanged.match(action) &&
      (now as State).connection.status === 'open' &&
      (before as State).connection.status !== 'open',
    effect: (_, { dispatch, getState }) => {
      dispatch(loadOverview());
      const { onScreen } = (getState() as State).chat;
      if (onScreen !== null) dispatch(fetchMessages(onScreen.conversationId));
    },
  });
  return listener;
};
