import type { Command, CommandContext } from '../../../src/gateway/commands/command.ts';
import type { WireMessage } from '../../../src/protocol/message.ts';
import { type Mood, nameOf } from './history.ts';

/** What a page asks for: tell these users, in so many messages. */
export interface Say extends WireMessage {
  readonly type: 'SAY';
  readonly uid: string;
  readonly to: readonly string[];
  readonly parts: number;
  readonly mood: Mood;
  readonly padding?: string;
}

/** The app's half of the server, one for all gateways: its handler and its HTTP history. */
export interface ChatApp {
  /** While it is shut, moody commands are rejected: a handler that runs twice may answer twice differently. */
  isOpen: boolean;
  /** Names a try at a command, by its key. A try again has another key, and is `uid~2`. */
  refOf(key: string, uid: string): string;
  handle(command: Command, context: CommandContext, query: () => Promise<void>): Promise<void>;
  /** Every message that was ever in the user's log: what the app's own tables hold. */
  historyOf(user: string): readonly string[];
  noteStored(user: string, entry: { readonly ref: string; readonly part: number }): void;
  /** The app's own outbox: rows that are to be published in order, and up to which row that is done. */
  readonly announcements: { readonly ref: string; readonly to: readonly string[] }[];
  publishedCount: number;
}

/** So that volatile messages are worth dropping. */
const PADDING = 'x'.repeat(1_000);

export const createChatApp = (): ChatApp => {
  const refs = new Map<string, string>();
  const counts = new Map<string, number>();
  const stored = new Map<string, Set<string>>();
  const app: ChatApp = {
    isOpen: true,
    announcements: [],
    publishedCount: 0,
    refOf(key, uid) {
      const known = refs.get(key);
      if (known !== undefined) return known;
      const count = (counts.get(uid) ?? 0) + 1;
      counts.set(uid, count);
      const ref = count === 1 ? uid : `${uid}~${count}`;
      refs.set(key, ref);
      return ref;
    },
    async handle(command, context, query) {
      if (command.kind !== 'message') return;
      const { message } = command;
      if (message.type === 'NUDGE') {
        context.publishVolatile(message.to as string[], {
          type: 'NUDGED',
          uid: message.uid,
          padding: PADDING,
        });
        return;
      }
      await query();
      const { uid, to, parts, mood } = message as Say;
      if (mood === 'refused') return context.reject('not-allowed');
      if (mood === 'moody' && !app.isOpen) return context.reject('shut');
      // A command without a key comes over plain mode, which can say nothing of repeats.
      const ref = context.key === null ? uid : app.refOf(context.key, uid);
      for (let part = 0; part < parts; part += 1) {
        const said = { type: 'SAID', uid, ref, part, ...(mood === 'poison' ? { bad: true } : {}) };
        context.publish([...to, context.userId], said);
      }
    },
    historyOf: (user) => [...(stored.get(user) ?? [])],
    noteStored(user, entry) {
      const names = stored.get(user) ?? new Set();
      stored.set(user, names.add(nameOf(entry)));
    },
  };
  return app;
};
