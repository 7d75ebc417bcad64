import type { Command, CommandContext } from 'statesocket/gateway';
import * as v from 'valibot';
import { decodeImageFrame, encodeImageFrame, type ImageHeader } from '../../contract/image-frame.ts';
import { ClientCommand } from '../../contract/socket-messages.ts';
import { acceptImage } from '../chat/images.ts';
import { claimAnnouncement, type NewMessage, releaseAnnouncement, storeMessage } from '../chat/messages.ts';
import { otherSide, type Party, requireParty } from '../chat/party.ts';
import type { Database } from '../database/open-database.ts';
import { Refusal } from '../refusal.ts';
import { announceMessage, newMessageFor } from './announcements.ts';

type Context = Pick<CommandContext, 'userId' | 'publish' | 'publishVolatile' | 'publishBinary' | 'reply'>;

/**
 * Stores and announces a message. Its key sent again announces nothing again: only the echo goes back, since the
 * sender repeats a command whose echo they missed. Answers whether this call announced it.
 */
const say = async (db: Database, context: Context, sender: Party, message: NewMessage) => {
  const stored = await storeMessage(db, sender, message);
  const announced = await claimAnnouncement(db, stored.id);
  if (!announced) {
    await context.publish([sender.userId], await newMessageFor(db, sender, stored));
    return { stored, announced };
  }
  try {
    await announceMessage(db, context, sender, stored);
  } catch (error) {
    await releaseAnnouncement(db, stored.id);
    throw error;
  }
  return { stored, announced };
};

const sendImage = async (
  db: Database,
  context: Context,
  header: ImageHeader,
  image: Uint8Array,
): Promise<void> => {
  const { conversationId, key, mime } = header;
  const sender = await requireParty(db, context.userId, conversationId);
  const bytes = acceptImage(mime, image);
  const { stored, announced } = await say(db, context, sender, { key, text: null, image: { mime, bytes } });
  if (announced && stored.imageId !== null) {
    const frame = encodeImageFrame({ conversationId, key: stored.imageId, mime }, bytes);
    context.publishBinary([otherSide(sender).userId], frame);
  }
};

const obey = async (db: Database, context: Context, command: ClientCommand): Promise<void> => {
  const party = await requireParty(db, context.userId, command.conversationId);
  if (command.type === 'TYPING') {
    context.publishVolatile([party.otherId], { type: 'TYPING', conversationId: party.conversationId });
    return;
  }
  await say(db, context, party, { key: command.key, text: command.text, image: null });
};

const Key = v.object({ key: v.pipe(v.string(), v.maxLength(64)) });
const keyOf = (value: unknown): string | null => {
  const found = v.safeParse(Key, value);
  return found.success ? found.output.key : null;
};

/**
 * Carries out what a socket asks for, in the name of its user. A command that is malformed, unknown or not allowed is
 * answered with COMMAND_REJECTED, and the socket stays open. Any other error is thrown: the gateway reports it.
 */
export const createCommandHandler =
  (db: Database) =>
  async (command: Command, context: Context): Promise<void> => {
    let key: string | null = null;
    try {
      if (command.kind === 'binary') {
        const frame = decodeImageFrame(command.data);
        if (frame === null) throw new Refusal('bad-request', 'This is not an image.');
        key = frame.header.key;
        await sendImage(db, context, frame.header, frame.image);
        return;
      }
      key = keyOf(command.message);
      const parsed = v.safeParse(ClientCommand, command.message);
      if (!parsed.success) throw new Refusal('bad-request', 'The server does not understand this command.');
      await obey(db, context, parsed.output);
    } catch (error) {
      const reason =
        error instanceof Refusal ? error.message : 'The server could not do this. Please try again.';
      context.reply({ type: 'COMMAND_REJECTED', key, reason });
      if (!(error instanceof Refusal)) throw error;
    }
  };
