import type { Complain, MessageReader } from '../client/inbox.ts';
import type { MessageListeners } from '../client/message-listeners.ts';
import { StatesocketError } from '../protocol/errors.ts';
import {
  isName,
  lastOfHeartbeat,
  type Receipt,
  type Resumed,
  readPresence,
  readReceipt,
  readResumed,
} from '../protocol/extension.ts';
import { HEARTBEAT } from '../protocol/frame.ts';
import type { WireMessage } from '../protocol/message.ts';

/** What a state of the delivery chart makes of the messages of a log. */
export interface LogStage {
  /** Takes a durable message. */
  durable(message: WireMessage, id: string, prev: string, complain: Complain): void;
  /** Takes the position of the last message that the server has sent, of a HEARTBEAT. */
  last(last: string): void;
  resumed(resumed: Resumed): void;
}

export interface LogReaderOptions {
  readonly listeners: MessageListeners;
  readonly onReceipt: (receipt: Receipt) => void;
}

/**
 * Reads what a server of the extension sends in one state of the delivery chart. Volatile messages, presence and receipts are taken
 * alike in all of them; what the stage does not take of a log is ignored.
 */
export const logReader = (
  { durable, last, resumed }: Partial<LogStage>,
  { listeners, onReceipt }: LogReaderOptions,
  frameTaken: () => void,
): MessageReader => ({
  take(message, from, complain) {
    const { id, prev } = message;
    if (prev !== undefined || id !== undefined) {
      if (durable === undefined) return;
      if (isName(id) && isName(prev)) durable(message, id, prev, complain);
      else {
        const what = 'A frame was dropped: a durable message needs an id and a prev.';
        complain(new StatesocketError('malformed-frame', what), from);
      }
      return;
    }
    switch (message.type) {
      case HEARTBEAT: {
        from.heartbeat();
        const position = lastOfHeartbeat(message);
        if (position !== undefined) last?.(position);
        break;
      }
      case 'RESUMED': {
        const answer = readResumed(message);
        if (answer instanceof StatesocketError) complain(answer, from);
        else resumed?.(answer);
        break;
      }
      case 'PRESENCE': {
        const presence = readPresence(message);
        if (presence instanceof StatesocketError) complain(presence, from);
        else listeners.tell(presence, from);
        break;
      }
      case 'RECEIPT': {
        const receipt = readReceipt(message);
        if (receipt instanceof StatesocketError) complain(receipt, from);
        else onReceipt(receipt);
        break;
      }
      case 'WELCOME':
        complain(new StatesocketError('malformed-frame', 'A frame was dropped: a second WELCOME.'), from);
        break;
      default: {
        const outcome = listeners.offer(message, from, 1);
        if (outcome instanceof StatesocketError) complain(outcome, from);
      }
    }
  },
  frameTaken,
});
