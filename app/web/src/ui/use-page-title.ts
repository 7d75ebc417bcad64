import { useEffect } from 'react';

/** Names the page in the tab; what is unread stands in front. */
export const usePageTitle = (title: string, unreadCount = 0): void => {
  useEffect(() => {
    document.title = `${unreadCount > 0 ? `(${unreadCount}) ` : ''}${title} · RednGift`;
  }, [title, unreadCount]);
};
