import { Refusal } from '../refusal.ts';
import { createWindowLimit, type WindowLimit } from './window-limit.ts';

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

/** Takes one of each limit, or none: what one of them refuses counts in no other. */
const takeAll = (limits: readonly WindowLimit[], key: string): void => {
  const taken: WindowLimit[] = [];
  try {
    for (const limit of limits) {
      limit.take(key);
      taken.push(limit);
    }
  } catch (error) {
    for (const limit of taken) limit.giveBack(key);
    throw error;
  }
};

/** An outbox holds 1,000 messages, and sends all of them as it is back: that many are no flood. */
export const createMessageLimits = (now: () => number = () => performance.now()): MessageLimits => {
  const limitOf = (maxCount: number, windowMs: number, what: string) =>
    createWindowLimit({ maxCount, windowMs, what, now });
  const ofMessages = [
    limitOf(1_200, TEN_MINUTES_MS, 'You sent many messages in a short time.'),
    limitOf(10_000, DAY_MS, 'You sent many messages today.'),
  ];
  const ofImages = [
    limitOf(60, TEN_MINUTES_MS, 'You sent many pictures in a short time.'),
    limitOf(300, DAY_MS, 'You sent many pictures today.'),
  ];
  const typing = limitOf(1, 900, '');
  const limitsOf = (hasImage: boolean) => [...ofMessages, ...(hasImage ? ofImages : [])];
  return {
    take(userId, hasImage) {
      takeAll(limitsOf(hasImage), userId);
    },
    giveBack(userId, hasImage) {
      for (const limit of limitsOf(hasImage)) limit.giveBack(userId);
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
