import { StatesocketError } from '../protocol/errors.ts';
import type { Publisher } from './command.ts';
import type { Engine } from './engine.ts';
import { publishedText } from './outgoing-text.ts';
import type { Roster } from './roster.ts';

/** Sends one frame, built once, to every open socket of the users. */
export type SendText = (userIds: readonly string[], text: string) => void;

/** Makes the fan-out: durable messages into the logs, live ones to the sockets. */
export const createPublisher = (
  engine: Engine,
  roster: Roster,
): { readonly publisher: Publisher; readonly sendText: SendText } => {
  const sendText: SendText = (userIds, text) => {
    for (const userId of new Set(userIds)) {
      for (const session of roster.of(userId)) session.send(text);
    }
  };
  return {
    sendText,
    publisher: {
      async publish(userIds, message) {
        const texts = [publishedText(message)];
        const results = await Promise.allSettled(
          [...new Set(userIds)].map((userId) => engine.append(userId, texts)),
        );
        const failed = results.find((result) => result.status === 'rejected');
        if (failed === undefined) return;
        throw new StatesocketError('engine-failed', 'A message could not be stored.', {
          cause: failed.reason,
        });
      },
      publishVolatile: (userIds, message) => sendText(userIds, publishedText(message)),
      publishBinary(userIds, data) {
        for (const userId of new Set(userIds)) {
          for (const session of roster.of(userId)) session.sendBinary(data);
        }
      },
    },
  };
};
