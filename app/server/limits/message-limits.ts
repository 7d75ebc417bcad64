import { Refusal } from '../refusal.ts';
import { createWindowLimit } from './window-limit.ts';

const TEN_MINUTES_MS = 10 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How much one person may say. Each counted by its sender alone, so that it tells nothing of whom they talk to. */
export interface MessageLimits {
  /** Counts a message, and the image in it. Refuses with `too-many-requests`. */
  take(userId: string, hasImage: boolean): void;
  /** The message was sent before, under the same key: it counts once. */
  giveBack(userId: string, hasImage: boolean): void;
  /** Whether one more sign of typing may go out now. More than one a second in a conversation is dropped in silence. */
  mayShowTyping(userId: string, conversationId: string): boolean;
}

/** An outbox holds 1,000 messages, and sends all of them as it is back: that many are no flood. */
export const createMessageLimits = (now: () => number = () => performance.now()): MessageLimits => {
  const limitOf = (maxCount: number, windowMs: number, what: string) =>
    createWindowLimit({ maxCount, windowMs, what, now });
  const messages = limitOf(1_200, TEN_MINUTES_MS, 'You sent many messages in a short time.');
  const images = limitOf(60, TEN_MINUTES_MS, 'You sent many pictures in a short time.');
  const imagesOfDay = limitOf(300, DAY_MS, 'You sent many pictures today.');
  const typing = limitOf(1, 900, '');
  const ofImages = [images, imagesOfDay];
  return {
    take(userId, hasImage) {
      messages.take(userId);
      if (!hasImage) return;
      const taken: typeof ofImages = [];
      try {
        for (const limit of ofImages) {
          limit.take(userId);
          taken.push(limit);
        }
      } catch (error) {
        // What is refused by one counts in none.
        for (const limit of [messages, ...taken]) limit.giveBack(userId);
        throw error;
      }
    },
    giveBack(userId, hasImage) {
      for (const limit of [messages, ...(hasImage ? ofImages : [])]) limit.giveBack(userId);
    },
    mayShowTyping(userId, conversationId) {
      try {
        typing.take(`${userId} ${conversationId}`);
        return true;
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },
  };
};
