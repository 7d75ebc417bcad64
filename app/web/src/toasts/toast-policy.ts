import type { ErrorCode } from 'statesocket';
import type { ToastPolicy } from 'statesocket/toast';
import type { ServerMessage } from '../../../contract/socket-messages.ts';
import { isSessionRefused, wordsOfEnd } from '../shell/words-of-end.ts';
import type { AppStore } from '../store/store.ts';

/** How many toasts of the connection are on the page at most. */
const LIMIT_COUNT = 3;

/** What a person should know of the messages that wait. */
const WORDS_OF_ERRORS: { readonly [code in ErrorCode]?: string } = {
  'message-refused': 'This message cannot be sent.',
  'message-failed': 'A message could not be sent.',
  'outbox-full': 'Cannot send message. Too many wait already.',
  'storage-failed': 'This browser cannot keep unsent messages: they are lost if you leave this page.',
};

const counted = (text: string, count: number): string => (count === 1 ? text : `${text} (${count})`);

/**
 * What the connection says in toasts. A message toasts unless it is the sender's own echo, or is being looked at
 * right now.
 */
export const toastPolicy = (store: Pick<AppStore, 'getState'>): ToastPolicy<ServerMessage> => {
  const isOnScreen = (conversationId: string): boolean => {
    const { onScreen } = store.getState().chat;
    return onScreen?.conversationId === conversationId && onScreen.visible;
  };
  return {
    limitCount: LIMIT_COUNT,
    messages: {
      NEW_MESSAGE: {
        id: ({ payload }) => (payload.mine ? 'own-echo' : `message ${payload.conversationId}`),
        text: ({ payload, sender }, count) =>
          payload.mine || isOnScreen(payload.conversationId)
            ? null
            : counted(`New message from ${sender}`, count),
      },
      GROUP_UPDATED: { id: ({ groupId }) => `group ${groupId}`, text: () => 'Group updated' },
      INVITATION_RECEIVED: { id: () => 'invitation', text: () => 'You have a new group invitation!' },
      RAFFLE_COMPLETE: {
        id: ({ groupId }) => `raffle ${groupId}`,
        text: () => 'Secret Santa raffle completed!',
        level: 'success',
      },
      COMMAND_REJECTED: { id: () => 'rejected', text: ({ reason }) => reason, level: 'error' },
    },
    errors: ({ code }) => {
      const text = WORDS_OF_ERRORS[code];
      return text === undefined ? null : { id: code, text, level: 'error' };
    },
    snapshot: (snapshot, previous) => {
      const { failure, lastEnd } = snapshot;
      // The sign-in page says that a session has expired.
      if (failure === previous.failure || failure === null || isSessionRefused(snapshot)) return null;
      const toast = (text: string) => ({ id: 'connection', text, level: 'error' as const });
      return toast(failure === 'rejected' ? wordsOfEnd(lastEnd) : 'Unable to connect to real-time server.');
    },
  };
};
