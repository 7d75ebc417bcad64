import { StatesocketError } from '../protocol/errors.ts';
import { checkMessage, decodeFrame } from '../protocol/frame.ts';
import type { WireMessage } from '../protocol/message.ts';
import type { Command } from './command.ts';

/** What one text frame of a client comes to. */
export interface Inbound {
  /** In the order of the frame. */
  readonly commands: readonly Command[];
  readonly ackCount: number;
  readonly asksForHeartbeat: boolean;
  /** All members, ACK and PING included. */
  readonly memberCount: number;
}

const isMessageId = (value: unknown): boolean =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));

/**
 * Reads one text frame of a client. A frame with one malformed member is refused as a whole (`malformed-frame`): none
 * of its commands runs.
 */
export const readInbound = (text: string): Inbound | StatesocketError => {
  const decoded = decodeFrame(text);
  if (decoded instanceof StatesocketError) return decoded;
  const members: readonly unknown[] = Array.isArray(decoded) ? decoded : [decoded];
  const commands: Command[] = [];
  let ackCount = 0;
  let asksForHeartbeat = false;
  for (const member of members) {
    const message: WireMessage | StatesocketError = checkMessage(member);
    if (message instanceof StatesocketError) return message;
    if (message.type === 'PING') asksForHeartbeat = true;
    else if (message.type !== 'ACK') commands.push({ kind: 'message', message });
    else if (isMessageId(message.messageId)) ackCount += 1;
    else return new StatesocketError('malformed-frame', 'A frame was dropped: an ACK needs a messageId.');
  }
  return { commands, ackCount, asksForHeartbeat, memberCount: members.length };
};
