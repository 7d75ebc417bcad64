import { StatesocketError } from '../../protocol/errors.ts';
import { isName } from '../../protocol/extension.ts';
import type { Publication } from '../engine/decisions.ts';
import { echoText, publishedText, replyText } from '../wire/outgoing-text.ts';
import type { CommandContext } from './command.ts';
import { outboxMark } from './marks.ts';

/**
 * Ways to reach sockets that are open now. A promise: there are many of them, or others wait; it resolves when each has its
 * frame. What one owner sends meanwhile comes after it, on every socket.
 */
export interface LiveChannels {
  sendText(userIds: readonly string[], text: string): Promise<void> | undefined;
  sendBinary(userIds: readonly string[], data: ArrayBuffer | ArrayBufferView): Promise<void> | undefined;
}

const checkBytes = (data: unknown) => {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return;
  throw new StatesocketError(
    'bad-option',
    'publishBinary takes an ArrayBuffer or a view of one, such as a Buffer.',
  );
};

/** What a handler wants to be done. */
export interface Effects {
  readonly context: CommandContext;
  /** The code of the rejection, or null. */
  readonly rejected: string | null;
  /** What is durable; none of a rejected command. */
  readonly publications: readonly Publication[];
  /** The handler has returned: what it says from now on is reported and dropped. */
  end(): void;
  /** Does what is live, in the order of the calls: each when the one before it is done. */
  carryOutLive(): Promise<void>;
}

/** Collects what the handler of one command says through its context. */
export const collectEffects = (options: {
  readonly userId: string;
  readonly connectionId: string;
  readonly key: string | null;
  readonly channels: LiveChannels;
  readonly reply: (text: string) => void;
  readonly report: (error: StatesocketError) => void;
}): Effects => {
  const { userId, connectionId, key, channels, report } = options;
  const publications: Publication[] = [];
  const live: (() => Promise<void> | undefined)[] = [];
  let rejected: string | null = null;
  let ended = false;

  /** Runs while the handler does. The message was checked before, so that a bad one is its caller's fault in any case. */
  const collect = (add: () => unknown) => {
    if (!ended) {
      add();
      return;
    }
    const why =
      'A handler published or replied after it had returned: that was dropped. Await it in the handler.';
    report(new StatesocketError('command-failed', why));
  };

  const context: CommandContext = {
    userId,
    connectionId,
    key,
    publish(userIds, message, origin) {
      const text = publishedText(message);
      if (origin !== undefined) outboxMark(origin);
      const named = origin === undefined ? {} : { origin };
      const others = new Set(userIds);
      const isEchoed = others.delete(userId);
      collect(() => {
        if (others.size > 0) publications.push({ userIds: [...others], text, ...named });
        const echo = key === null ? text : echoText(text, key);
        if (isEchoed) publications.push({ userIds: [userId], text: echo, ...named });
      });
    },
    publishVolatile(userIds, message) {
      const text = publishedText(message);
      const users = [...userIds];
      collect(() => live.push(() => channels.sendText(users, text)));
    },
    publishBinary(userIds, data) {
      const users = [...userIds];
      checkBytes(data);
      collect(() => live.push(() => channels.sendBinary(users, data)));
    },
    reply(message) {
      const text = replyText(message);
      collect(() =>
        live.push(() => {
          options.reply(text);
          return undefined;
        }),
      );
    },
    reject(code) {
      if (!isName(code))
        throw new StatesocketError('bad-option', 'The code of a rejection has 1 to 128 characters.');
      collect(() => {
        rejected = code;
      });
    },
  };

  return {
    context,
    get rejected() {
      return rejected;
    },
    get publications() {
      return rejected === null ? publications : [];
    },
    end() {
      ended = true;
    },
    async carryOutLive() {
      for (const act of live) {
        const done = act();
        if (done !== undefined) await done;
      }
    },
  };
};
