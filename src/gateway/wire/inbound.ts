import { StatesocketError } from '../../protocol/errors.ts';
import { type Resume, readCommandName, readResume } from '../../protocol/extension.ts';
import { checkMessage, decodeFrame } from '../../protocol/frame.ts';
import type { WireMessage } from '../../protocol/message.ts';
import type { QueuedCommand } from '../commands/command.ts';

/** What one text frame of a client comes to. */
export interface Inbound {
  /** In the order of the frame. */
  readonly commands: readonly QueuedCommand[];
  /** The ids that are acknowledged, in order. */
  readonly acks: readonly (string | number)[];
  /** The last RESUME of the frame, or null. */
  readonly resume: Resume | null;
  readonly asksForHeartbeat: boolean;
  /** All members, ACK, PING and RESUME included. */
  readonly memberCount: number;
  /** Whether it holds anything that only a client of the delivery extension sends. */
  readonly isOfExtension: boolean;
}

const isMessageId = (value: unknown): value is string | number =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));

/** A command, with its name taken off: no handler passes that on by mistake. */
const readCommand = (message: WireMessage): QueuedCommand | StatesocketError => {
  const name = readCommandName(message);
  if (name instanceof StatesocketError) return name;
  if (message.type === 'SKIP')
    return name === null
      ? new StatesocketError('malformed-frame', 'A frame was dropped: a SKIP names a command.')
      : { name, command: null };
  if (name === null) return { name, command: { kind: 'message', message } };
  const { clientId: _clientId, n: _n, key: _key, ...rest } = message;
  return { name, command: { kind: 'message', message: rest as WireMessage } };
};

/**
 * Reads one text frame of a client. A frame with one malformed member is refused as a whole (`malformed-frame`): none
 * of its commands runs.
 */
export const readInbound = (text: string): Inbound | StatesocketError => {
  const decoded = decodeFrame(text);
  if (decoded instanceof StatesocketError) return decoded;
  const members: readonly unknown[] = Array.isArray(decoded) ? decoded : [decoded];
  const commands: QueuedCommand[] = [];
  const acks: (string | number)[] = [];
  let resume: Resume | null = null;
  let asksForHeartbeat = false;
  for (const member of members) {
    const message = checkMessage(member);
    if (message instanceof StatesocketError) return message;
    if (message.type === 'PING') asksForHeartbeat = true;
    else if (message.type === 'ACK') {
      if (!isMessageId(message.messageId))
        return new StatesocketError('malformed-frame', 'A frame was dropped: an ACK needs a messageId.');
      acks.push(message.messageId);
    } else if (message.type === 'RESUME') {
      const read = readResume(message);
      if (read instanceof StatesocketError) return read;
      resume = read;
    } else {
      const command = readCommand(message);
      if (command instanceof StatesocketError) return command;
      commands.push(command);
    }
  }
  return {
    commands,
    acks,
    resume,
    asksForHeartbeat,
    memberCount: members.length,
    isOfExtension: resume !== null || commands.some(({ name }) => name !== null),
  };
};

/** A binary frame is one command, of no dialect but plain mode. */
export const inboundOfBinary = (data: ArrayBuffer): Inbound => ({
  commands: [{ name: null, command: { kind: 'binary', data } }],
  acks: [],
  resume: null,
  asksForHeartbeat: false,
  memberCount: 1,
  isOfExtension: false,
});
