import { useAppSelector } from '../store/store.ts';

/** How many messages nobody has seen yet, over all conversations. */
export const useUnreadCount = (): number =>
  useAppSelector(({ chat }) => chat.conversations.reduce((sum, { unreadCount }) => sum + unreadCount, 0));
