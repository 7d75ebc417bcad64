import { aMessage } from './fake-api.ts';

let count = 0;

/** A NEW_MESSAGE of the chat with Ben, each with an id of its own and later than the last; the log gives it its position. */
export const newMessage = (over: Parameters<typeof aMessage>[0] = {}) => {
  count += 1;
  const payload = aMessage({ id: `message-${count}`, sentAt: 1_800_000_000_000 + count, ...over });
  return { type: 'NEW_MESSAGE', payload, sender: payload.mine ? 'Ada' : 'Ben' };
};
