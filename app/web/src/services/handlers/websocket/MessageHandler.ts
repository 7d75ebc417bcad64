import type { Connection, PresenceMessage, Unsubscribe } from 'statesocket';
import { bridgeToRedux } from 'statesocket/redux';
import type { ChatMessage } from '../../../../../contract/http-api.ts';
import { decodeImageFrame } from '../../../../../contract/image-frame.ts';
import type { ServerMessage } from '../../../../../contract/socket-messages.ts';
import { receivedImages } from '../../../chat/received-images.ts';
import { messagesArrived } from '../../../store/arrivals.ts';
import { fetchConversations } from '../../../store/chat-slice.ts';
import { fetchOneGroup } from '../../../store/groups-slice.ts';
import { invitationsReceived } from '../../../store/invitations-slice.ts';
import { presenceShown, updateUserPresence } from '../../../store/presence-slice.ts';
import { loadOverview, reloadState } from '../../../store/reload-state.ts';
import { settledBy } from '../../../store/settle-outbox.ts';
import type { AppDispatch } from '../../../store/store.ts';
import { userTyped } from '../../../store/typing-slice.ts';

type OfType<T extends ServerMessage['type']> = readonly Extract<ServerMessage, { type: T }>[];

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** What each message type does to the store. COMMAND_REJECTED is not here: it only toasts (toasts/toast-policy.ts). */
const actionsOfMessages = {
  NEW_MESSAGE: (messages: OfType<'NEW_MESSAGE'>) => messagesArrived(messages.map(({ payload }) => payload)),
  GROUP_UPDATED: (messages: OfType<'GROUP_UPDATED'>) =>
    unique(messages.map(({ groupId }) => groupId)).map((groupId) => fetchOneGroup(groupId)),
  INVITATION_RECEIVED: (messages: OfType<'INVITATION_RECEIVED'>) =>
    invitationsReceived(messages.map(({ invitation }) => invitation)),
  RAFFLE_COMPLETE: (messages: OfType<'RAFFLE_COMPLETE'>) => [
    ...unique(messages.map(({ groupId }) => groupId)).map((groupId) => fetchOneGroup(groupId)),
    fetchConversations(),
  ],
  TYPING: (messages: OfType<'TYPING'>) =>
    unique(messages.map(({ conversationId }) => conversationId)).map((conversationId) =>
      userTyped(conversationId),
    ),
  PRESENCE: (messages: readonly PresenceMessage[]) => presenceShown(messages.at(-1)?.online ?? []),
  USER_ONLINE: (messages: OfType<'USER_ONLINE'>) =>
    messages.map(({ userId }) => updateUserPresence({ userId, online: true })),
  USER_OFFLINE: (messages: OfType<'USER_OFFLINE'>) =>
    messages.map(({ userId }) => updateUserPresence({ userId, online: false })),
};

/** A NEW_MESSAGE with a picture comes first, and names the picture; the frame that follows has the same id. */
const expectImage = ({ imageId, mine }: ChatMessage): void => {
  if (imageId !== null && !mine) receivedImages.expect(imageId);
};

/** Keeps the picture for the bubble that shows it. */
const keepImage = (data: ArrayBuffer): void => {
  const frame = decodeImageFrame(data);
  if (frame === null) console.error('Unknown message type:', 'binary');
  else receivedImages.put(frame.header.key, new Blob([frame.image], { type: frame.header.mime }));
};

/**
 * After an absence the log brings every message in it, and nothing else: what the server could not announce, as when it
 * crashed, shows in the lists only.
 */
const onResumed = ({ delivery }: Connection<ServerMessage>, resumed: () => void): Unsubscribe => {
  let { status: before } = delivery.getSnapshot();
  return delivery.subscribe(() => {
    const { status } = delivery.getSnapshot();
    if (before === 'resuming' && status === 'live') resumed();
    before = status;
  });
};

/**
 * Hands what the connection says to the store, message type by message type, and names the types nobody knows on the
 * console. Works outside React.
 */
export const handleMessages = (connection: Connection<ServerMessage>, dispatch: AppDispatch): Unsubscribe => {
  const stops = [
    connection.on('NEW_MESSAGE', ({ payload }) => expectImage(payload)),
    // Who comes back within the frame they left in is online.
    bridgeToRedux(connection, dispatch, actionsOfMessages, {
      inOrder: [['PRESENCE', 'USER_ONLINE', 'USER_OFFLINE']],
    }),
    connection.onDiscontinuity(({ reason }) =>
      settledBy(connection.outbox, () => dispatch(reloadState(reason))),
    ),
    onResumed(connection, () => dispatch(loadOverview())),
    connection.on('binary', ({ data }) => keepImage(data)),
    connection.onError((error) => {
      // RednGift's documents promise this line; what follows in the message is for its developers.
      if (error.code === 'unknown-type') console.error(error.message.split('. ', 1)[0]);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
