import { randomUUID } from 'node:crypto';
import type { CommandContext, HandleCommand } from 'statesocket/gateway';
import type { WireMessage } from 'statesocket/protocol';
import * as v from 'valibot';
import { decodeImageFrame, encodeImageFrame, type ImageHeader } from '../../contract/image-frame.ts';
import { ClientCommand } from '../../contract/socket-messages.ts';
import { type CommandChanges, toldByGateway } from '../announcing/changes.ts';
import { acceptImage } from '../chat/images.ts';
import { type NewMessage, storeMessage } from '../chat/messages.ts';
import { otherSide, type Party, requireParty } from '../chat/party.ts';
import type { Database } from '../database/open-database.ts';
import { createMessageLimits, type MessageLimits } from '../limits/message-limits.ts';
import type { Waitable } from '../limits/waitable.ts';
import type { Log } from '../operations/log.ts';
import { Refusal } from '../refusal.ts';
import { announceMessage } from './announcements.ts';

/** What commands are carried out with. */
interface Means {
  readonly db: Database;
  readonly limits: Waitable<MessageLimits>;
  readonly changes: CommandChanges;
}

/** Stores and announces a message; its key sent again stores nothing again. Returns what is stored, and whether it is new. */
const say = async (
  { limits, changes }: Means,
  context: CommandContext,
  sender: Party,
  message: NewMessage,
) => {
  const hasImage = message.image !== null;
  await limits.take(sender.userId, hasImage);
  const stored = await changes.carryOut(context, async (transaction, telling) => {
    const kept = await storeMessage(transaction, sender, message);
    await announceMessage(transaction, telling, sender, kept.message, changes.isProof && !kept.isNew);
    return kept;
  });
  if (!stored.isNew) await limits.giveBack(sender.userId, hasImage);
  return stored;
};

const sendImage = async (
  means: Means,
  context: CommandContext,
  header: ImageHeader,
  image: Uint8Array,
): Promise<void> => {
  const { conversationId, key, mime } = header;
  const sender = await requireParty(means.db, context.userId, conversationId);
  const bytes = acceptImage(mime, image);
  const { message, isNew } = await say(means, context, sender, { key, text: null, image: { mime, bytes } });
  if (isNew && message.imageId !== null) {
    const frame = encodeImageFrame({ conversationId, key: message.imageId, mime }, bytes);
    context.publishBinary([otherSide(sender).userId], frame);
  }
};

const obey = async (means: Means, context: CommandContext, command: ClientCommand): Promise<void> => {
  const party = await requireParty(means.db, context.userId, command.conversationId);
  if (command.type === 'TYPING') {
    if (!(await means.limits.mayShowTyping(party.userId, party.conversationId))) return;
    context.publishVolatile([party.otherId], { type: 'TYPING', conversationId: party.conversationId });
    return;
  }
  await say(means, context, party, { key: command.key ?? randomUUID(), text: command.text, image: null });
};

const Key = v.object({ key: v.pipe(v.string(), v.maxLength(64)) });
const keyOf = (value: unknown): string | null => {
  const found = v.safeParse(Key, value);
  return found.success ? found.output.key : null;
};

/** The message of a durable command comes without its key, which is the command's. */
const withKey = (message: WireMessage, key: string | null): WireMessage =>
  key === null ? message : { ...message, key };

/** The sender of a durable command is told its verdict by the gateway; any other sender by a message. */
const tellRejection = (context: CommandContext, key: string | null, reason: string): void => {
  if (context.key === null) context.reply({ type: 'COMMAND_REJECTED', key, reason });
};

/**
 * Carries out what a socket asks for, in the name of its user. A command that is malformed, unknown or not allowed is
 * rejected, and the socket stays open. So it does after an unexpected error of a command that is sent once: its sender is
 * told. A durable one is thrown to the gateway, which has the client send it again.
 */
export const createCommandHandler = (
  db: Database,
  log: Log['error'],
  limits: Waitable<MessageLimits> = createMessageLimits(),
  changes: CommandChanges = toldByGateway(db),
): HandleCommand => {
  const means = { db, limits, changes };
  return async (command, context) => {
    let key: string | null = null;
    try {
      if (command.kind === 'binary') {
        const frame = decodeImageFrame(command.data);
        if (frame === null) throw new Refusal('bad-request', 'This is not an image.');
        key = frame.header.key;
        await sendImage(means, context, frame.header, frame.image);
        return;
      }
      const message = withKey(command.message, context.key);
      key = keyOf(message);
      const parsed = v.safeParse(ClientCommand, message);
      if (!parsed.success) throw new Refusal('bad-request', 'The server does not understand this command.');
      await obey(means, context, parsed.output);
    } catch (error) {
      if (error instanceof Refusal) {
        context.reject(error.kind);
        tellRejection(context, key, error.message);
        return;
      }
      if (context.key !== null) throw error;
      log(error, 'A command failed.', { connectionId: context.connectionId });
      context.reject('failed');
      tellRejection(context, key, 'The server could not do this. Please try again.');
    }
  };
};
