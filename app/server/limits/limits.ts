import type { Database } from '../database/open-database.ts';
import { IMAGE_RULES, type LimitRule, MESSAGE_RULES, SIGN_IN_RULES, SIGN_UP_RULE } from './limit-rules.ts';
import { createMessageLimits, type MessageLimits } from './message-limits.ts';
import { type Counter, createSharedTally } from './shared-tally.ts';
import { createSignInLimit, type SignInLimit } from './sign-in-limit.ts';
import { createSignUpLimit } from './sign-up-limit.ts';
import type { Waitable } from './waitable.ts';
import type { WindowLimit } from './window-limit.ts';

/** How long it is remembered that an address has signed in to an account. */
const KNOWN_MS = 90 * 24 * 60 * 60 * 1000;

/** The limits in time of what people may do. Those of what a process can bear are its own: requests, passwords, connections. */
export interface Limits {
  readonly signIns: Waitable<SignInLimit>;
  readonly signUps: Waitable<Pick<WindowLimit, 'take'>>;
  readonly messages: Waitable<MessageLimits>;
}

/** The limits of a server that is alone. A restart forgets them. */
export const createLimits = (): Limits => ({
  signIns: createSignInLimit(),
  signUps: createSignUpLimit(),
  messages: createMessageLimits(),
});

/** The limits of all servers on one Postgres together: more servers let nobody guess more often. */
export const createSharedLimits = (db: Database): Limits => {
  const tally = createSharedTally(db);
  const pairOf = (address: string, email: string) => `sign-in ${address} ${email}`;
  const knownOf = (address: string, email: string) => `known ${address} ${email}`;
  const ofAddress = (address: string): Counter => ({
    rule: SIGN_IN_RULES.ofAddress,
    name: `sign-in from ${address}`,
  });
  const countersOf = async (address: string, email: string): Promise<readonly Counter[]> => [
    { rule: SIGN_IN_RULES.ofPair, name: pairOf(address, email) },
    ofAddress(address),
    ...((await tally.knows(knownOf(address, email)))
      ? []
      : [{ rule: SIGN_IN_RULES.ofAccount, name: `sign-in to ${email}` }]),
  ];
  const abandon = async (address: string, email: string) => tally.giveBack(await countersOf(address, email));

  const counted = (kind: string, rules: readonly LimitRule[], userId: string): Counter[] =>
    rules.map((rule) => ({ rule, name: `${kind} ${rule.windowMs} ${userId}` }));
  const messagesOf = (userId: string, hasImage: boolean) => [
    ...counted('messages', MESSAGE_RULES, userId),
    ...(hasImage ? counted('pictures', IMAGE_RULES, userId) : []),
  ];
  // A sign of typing too many harms nobody, and each server has its own sockets.
  const { mayShowTyping } = createMessageLimits();

  return {
    signIns: {
      begin: async (address, email) => tally.take(await countersOf(address, email)),
      abandon,
      async succeed(address, email) {
        await abandon(address, email);
        await tally.forget(pairOf(address, email));
        await tally.note(knownOf(address, email), KNOWN_MS);
      },
    },
    signUps: { take: (address) => tally.take([{ rule: SIGN_UP_RULE, name: `sign-up from ${address}` }]) },
    messages: {
      take: (userId, hasImage) => tally.take(messagesOf(userId, hasImage)),
      giveBack: (userId, hasImage) => tally.giveBack(messagesOf(userId, hasImage)),
      mayShowTyping,
    },
  };
};
