import { Refusal } from '../refusal.ts';
import { IMAGE_RULES, MESSAGE_RULES } from './limit-rules.ts';
import { createWindowLimit, type WindowLimit } from './window-limit.ts';

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

export const createMessageLimits = (now: () => number = () => performance.now()): MessageLimits => {
  const ofMessages = MESSAGE_RULES.map((rule) => createWindowLimit({ ...rule, now }));
  const ofImages = IMAGE_RULES.map((rule) => createWindowLimit({ ...rule, now }));
  const typing = createWindowLimit({ maxCount: 1, windowMs: 900, what: '', now });
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
