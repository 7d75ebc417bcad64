import type { Transport } from '../actors/socket.ts';
import { createRecentSet } from '../lib/recent-set.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { isWelcome } from '../protocol/extension.ts';
import { HEARTBEAT } from '../protocol/frame.ts';
import { REMEMBERED_IDS_COUNT } from '../protocol/limits.ts';
import type { WireMessage } from '../protocol/message.ts';
import type { MessageReader } from './inbox.ts';
import type { MessageListeners } from './message-listeners.ts';

/** Names the id of a message, which is then acknowledged and dropped when it repeats. Undefined: no ACK, no dedupe. */
export type AckOf = (message: WireMessage) => string | number | undefined;

/** Sends `{type:'ACK', messageId}`. What the socket throws is reported. */
export const sendAck = (
  messageId: string | number,
  transport: Transport,
  report: (error: StatesocketError) => void,
): void => {
  if (!transport.writable) return;
  try {
    transport.send(`{"type":"ACK","messageId":${JSON.stringify(messageId)}}`);
  } catch (cause) {
    report(new StatesocketError('send-failed', 'The socket refused an ACK.', { cause }));
  }
};

export interface PlainMessagesOptions {
  readonly listeners: MessageListeners;
  /** False: no ACK and no dedupe. */
  readonly ack: AckOf | false;
  readonly report: (error: StatesocketError) => void;
  /** A WELCOME of the extension came, though the server had been taken for a plain one. */
  readonly onWelcome: (message: WireMessage) => void;
}

/** Reads what a plain server sends: any message, with an ACK and dedupe where it has an id. */
export const createPlainMessages = ({
  listeners,
  ack,
  report,
  onWelcome,
}: PlainMessagesOptions): MessageReader & { forget(): void } => {
  const seen = createRecentSet<string | number>(REMEMBERED_IDS_COUNT);
  // What one user has seen says nothing about another.
  let seenBy: string | null = null;

  const idOf = (message: WireMessage): string | number | undefined => {
    if (ack === false) return undefined;
    try {
      const id: unknown = ack(message);
      if (typeof id === 'string' || Number.isFinite(id)) return id as string | number;
      if (typeof id === 'object') ignoreRejection(id);
      return undefined;
    } catch (cause) {
      report(
        new StatesocketError('ack-failed', 'The ack option threw. The message goes without an ACK.', {
          cause,
        }),
      );
      return undefined;
    }
  };

  return {
    take(message, transport, complain) {
      if (message.type === HEARTBEAT) {
        transport.heartbeat();
        return;
      }
      if (isWelcome(message)) {
        onWelcome(message);
        return;
      }
      if (transport.userId !== seenBy) {
        seenBy = transport.userId;
        seen.clear();
      }
      const id = idOf(message);
      if (id !== undefined && seen.has(id)) {
        sendAck(id, transport, report);
        return;
      }
      const outcome = listeners.offer(message, transport, 1);
      if (outcome instanceof StatesocketError) complain(outcome, transport, id);
      if (outcome instanceof StatesocketError || outcome === 'cut' || id === undefined) return;
      // Remembered even if it was cut short: what ran must not run again when the same user gets it once more (I4).
      seen.add(id);
      sendAck(id, transport, report);
    },
    forget: seen.clear,
  };
};
