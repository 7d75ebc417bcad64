import { randomUUID } from 'node:crypto';
import type { CommandContext } from 'statesocket/gateway';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { decodeImageFrame, encodeImageFrame, MAX_IMAGE_BYTES } from '../../../app/contract/image-frame.ts';
import { listConversations, markRead } from '../../../app/server/chat/conversations.ts';
import { acceptImage, getImage } from '../../../app/server/chat/images.ts';
import { listMessages, storeMessage } from '../../../app/server/chat/messages.ts';
import { requireParty, senderNameFor } from '../../../app/server/chat/party.ts';
import type { Database } from '../../../app/server/database/open-database.ts';
import { storeDraw } from '../../../app/server/groups/raffle.ts';
import { createMessageLimits } from '../../../app/server/limits/message-limits.ts';
import { createCommandHandler } from '../../../app/server/socket/commands.ts';
import { cycleOf, databaseOf } from './support/every-draw.ts';

/** `a` gives to `b`, who gives to `c`, who gives to `a`; their names are Anna, Bert and Cleo. */
const drawn = async () => {
  const db = await databaseOf({ winter: ['a', 'b', 'c'] });
  for (const [id, name] of [
    ['a', 'Anna'],
    ['b', 'Bert'],
    ['c', 'Cleo'],
  ] as const)
    await db.updateTable('users').set({ name }).where('id', '=', id).execute();
  await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c']));
  const rows = await db.selectFrom('conversations').select(['id', 'giverId']).execute();
  const roomOf = (giverId: string) => rows.find((row) => row.giverId === giverId)?.id ?? '';
  const says = async (userId: string, room: string, text: string) =>
    storeMessage(db, await requireParty(db, userId, room), { key: randomUUID(), text, image: null });
  return { db, roomOf, says };
};

const gif = (size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  bytes.set(Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'));
  return bytes;
};

/** Carries out one command as the gateway has it done, and keeps all that it does. */
const commands = (db: Database, limits = createMessageLimits(() => 0), log = vi.fn()) => {
  const handle = createCommandHandler(db, log, limits);
  return async (userId: string, command: object | ArrayBuffer, key: string | null = null) => {
    const done: [string, ...unknown[]][] = [];
    const note =
      (what: string) =>
      (...args: unknown[]) =>
        void done.push([what, ...args]);
    const context: CommandContext = {
      userId,
      connectionId: '1',
      key,
      publish: note('publish'),
      publishVolatile: note('publishVolatile'),
      publishBinary: note('publishBinary'),
      reply: note('reply'),
      reject: note('reject'),
    };
    await handle(
      command instanceof ArrayBuffer
        ? { kind: 'binary', data: command }
        : { kind: 'message', message: { type: 'none', ...command } },
      context,
    );
    return done;
  };
};

describe('a sender', () => {
  it('has their own name for themself, the recipient’s for the giver, and none for the recipient', async () => {
    const { db, roomOf } = await drawn();
    const [giver, recipient] = [
      await requireParty(db, 'a', roomOf('a')),
      await requireParty(db, 'b', roomOf('a')),
    ];
    expect(await senderNameFor(db, giver, 'a')).toBe('Anna');
    expect(await senderNameFor(db, giver, 'b')).toBe('Bert');
    expect(await senderNameFor(db, recipient, 'b')).toBe('Bert');
    expect(await senderNameFor(db, recipient, 'a')).toBe('Your Secret Santa');
  });

  it('is a party: the giver, the recipient, and nobody else', async () => {
    const { db, roomOf } = await drawn();
    const id = roomOf('a');
    expect(await requireParty(db, 'a', id)).toEqual({
      ...{ conversationId: id, userId: 'a', otherId: 'b', role: 'giver' },
    });
    expect(await requireParty(db, 'b', id)).toEqual({
      ...{ conversationId: id, userId: 'b', otherId: 'a', role: 'recipient' },
    });
    await expect(requireParty(db, 'c', id)).rejects.toThrow('This conversation does not exist.');
    await expect(requireParty(db, 'a', 'none')).rejects.toThrow('This conversation does not exist.');
  });
});

describe('the list of conversations', () => {
  it('has two of each member, with the name of whom they give to, and none of who gives to them', async () => {
    const { db, roomOf } = await drawn();
    const list = (await listConversations(db, 'a')).toSorted((a, b) => (a.role < b.role ? -1 : 1));
    expect(list).toMatchObject([
      { id: roomOf('a'), role: 'giver', title: 'Bert', partnerId: 'b', unreadCount: 0, lastMessage: null },
      { id: roomOf('c'), role: 'recipient', title: 'Your Secret Santa', partnerId: null },
    ]);
  });

  it('has the latest message first, and by the random id where there is none (I14)', async () => {
    const { db, roomOf, says } = await drawn();
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const ids = async () => (await listConversations(db, 'a')).map(({ id }) => id);
    expect(await ids()).toEqual([roomOf('a'), roomOf('c')].toSorted());
    for (const room of ['a', 'c', 'a', 'c']) {
      vi.setSystemTime(Date.now() + 1);
      await says('a', roomOf(room), 'Hello');
      expect((await ids())[0]).toBe(roomOf(room));
    }
    // Of one moment, by the id again.
    await db.updateTable('messages').set({ sentAt: 1 }).execute();
    expect(await ids()).toEqual([roomOf('a'), roomOf('c')].toSorted());
  });

  it('shows the last message of each conversation, as this person may see it', async () => {
    const { db, roomOf, says } = await drawn();
    await says('a', roomOf('a'), 'first');
    await says('b', roomOf('a'), 'last');
    await says('c', roomOf('c'), 'elsewhere');
    const lastOf = async (userId: string) =>
      Object.fromEntries(
        (await listConversations(db, userId)).map(({ role, lastMessage }) => [
          role,
          [lastMessage?.text, lastMessage?.mine, lastMessage?.key !== null],
        ]),
      );
    expect(await lastOf('a')).toEqual({
      giver: ['last', false, false],
      recipient: ['elsewhere', false, false],
    });
    expect(await lastOf('b')).toMatchObject({ recipient: ['last', true, true] });
  });

  it('counts what is unread by conversation and person, from what was read on', async () => {
    const { db, roomOf, says } = await drawn();
    const unread = async (userId: string) =>
      Object.fromEntries(
        (await listConversations(db, userId)).map(({ role, unreadCount }) => [role, unreadCount]),
      );
    for (let times = 0; times < 3; times++) await says('a', roomOf('a'), 'to Bert');
    for (let times = 0; times < 2; times++) await says('c', roomOf('c'), 'to Anna');
    await says('b', roomOf('a'), 'to Santa');
    expect(await unread('a')).toEqual({ giver: 1, recipient: 2 });
    expect(await unread('b')).toEqual({ giver: 0, recipient: 3 });
    await markRead(db, await requireParty(db, 'a', roomOf('a')));
    expect(await unread('a')).toEqual({ giver: 0, recipient: 2 });
    expect(await unread('b')).toEqual({ giver: 0, recipient: 3 });
    await markRead(db, await requireParty(db, 'b', roomOf('a')));
    await says('a', roomOf('a'), 'one more');
    expect(await unread('b')).toEqual({ giver: 0, recipient: 1 });
  });
});

describe('a picture', () => {
  it('has at most 1 MB, and is what its type says', () => {
    expect(acceptImage('image/gif', gif(MAX_IMAGE_BYTES)).length).toBeGreaterThan(0);
    expect(() => acceptImage('image/gif', gif(MAX_IMAGE_BYTES + 1))).toThrow('at most 1 MB');
    expect(() => acceptImage('image/png', gif(20))).toThrow('not an image of its type');
    // The first bytes are right, and nothing else is.
    expect(() =>
      acceptImage('image/png', new Uint8Array(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))),
    ).toThrow('not an image of its type');
  });

  it('begins as its type says: all else being right, another first letter is refused', () => {
    const latin = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    const chunk = '\0\0\0\0IEND\xae\x42\x60\x82';
    const pictures = {
      'image/png': latin(`\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\0\0\0\0${chunk}`),
      'image/jpeg': latin('\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9'),
      'image/gif': latin('GIF89a\x01\0\x01\0\0\0\0;'),
      'image/webp': latin('RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\0\0\0\0\0'),
    } as const;
    for (const [mime, bytes] of Object.entries(pictures) as [keyof typeof pictures, Uint8Array][]) {
      expect(() => acceptImage(mime, bytes), mime).not.toThrow();
      const other = bytes.slice();
      other[0] = 0x20;
      expect(() => acceptImage(mime, other), mime).toThrow('not an image of its type');
      for (const wrong of Object.keys(pictures).filter((type) => type !== mime))
        expect(() => acceptImage(wrong as typeof mime, bytes), `${mime} as ${wrong}`).toThrow('not an image');
    }
  });

  it('has at most 16,384 pixels a side, and 50 million in all', () => {
    const sized = (width: number, height: number) => {
      const bytes = new Uint8Array(Buffer.from('GIF89a\0\0\0\0\0\0\0;', 'latin1'));
      new DataView(bytes.buffer).setUint16(6, width, true);
      new DataView(bytes.buffer).setUint16(8, height, true);
      return () => acceptImage('image/gif', bytes);
    };
    expect(sized(16_384, 3_051)).not.toThrow();
    expect(sized(3_051, 16_384)).not.toThrow();
    for (const [width, height] of [
      [16_385, 1],
      [1, 16_385],
      [16_384, 3_052],
    ] as const)
      expect(sized(width, height)).toThrow('A picture may have at most 16,384 pixels a side');
    for (const [width, height] of [
      [0, 1],
      [1, 0],
    ] as const)
      expect(sized(width, height)).toThrow('not an image of its type');
  });

  it('is there for its two people, and for nobody else', async () => {
    const { db, roomOf } = await drawn();
    const pictureOf = async (userId: string, room: string) => {
      const image = { mime: 'image/gif', bytes: new TextEncoder().encode(`picture of ${room}`) };
      const party = await requireParty(db, userId, roomOf(room));
      const { message } = await storeMessage(db, party, { key: randomUUID(), text: null, image });
      return message.imageId ?? '';
    };
    const [first, second] = [await pictureOf('a', 'a'), await pictureOf('c', 'c')];
    const read = async (userId: string, id: string) =>
      new TextDecoder().decode((await getImage(db, userId, id)).bytes);
    for (const userId of ['a', 'b']) expect(await read(userId, first)).toBe('picture of a');
    for (const userId of ['c', 'a']) expect(await read(userId, second)).toBe('picture of c');
    for (const [userId, id] of [
      ['c', first],
      ['b', second],
      ['a', 'none'],
    ] as const)
      await expect(read(userId, id)).rejects.toThrow('This image does not exist.');
  });

  it('goes to the other party alone, under the name of the stored one, without its metadata, and once', async () => {
    const { db, roomOf } = await drawn();
    const run = commands(db);
    const key = randomUUID();
    const bytes = new Uint8Array(Buffer.from('GIF89a\x01\0\x01\0\0\0\0\x21\xfe\x04Anna\0;', 'latin1'));
    const frame = encodeImageFrame({ conversationId: roomOf('a'), key, mime: 'image/gif' }, bytes);
    const done = await run('a', frame);
    expect(done.map(([what, to]) => [what, to])).toEqual([
      ['publish', ['b']],
      ['publish', ['a']],
      ['publishBinary', ['b']],
    ]);
    const sent = decodeImageFrame(done[2]?.[2] as ArrayBuffer);
    const { imageId } = await db.selectFrom('messages').select('imageId').executeTakeFirstOrThrow();
    expect(sent?.header).toEqual({ conversationId: roomOf('a'), key: imageId, mime: 'image/gif' });
    expect(Buffer.from(sent?.image ?? []).toString('latin1')).toBe('GIF89a\x01\0\x01\0\0\0\0;');
    // The same again is an echo, and no second picture.
    expect((await run('a', frame)).map(([what]) => what)).toEqual(['publish', 'publish']);
  });

  it('frame has a picture in it, a key of 1 to 64 letters, and text that is UTF-8', () => {
    const header = { conversationId: 'room', key: 'k', mime: 'image/png' } as const;
    const frameOf = (over: object, image = new Uint8Array([1])) =>
      encodeImageFrame({ ...header, ...over }, image);
    expect(decodeImageFrame(frameOf({}))?.header).toEqual(header);
    expect(decodeImageFrame(frameOf({ key: 'k'.repeat(64) }))).not.toBeNull();
    for (const wrong of [
      { key: '' },
      { key: 'k'.repeat(65) },
      { key: 7 },
      { key: 'a\0b' },
      { conversationId: '' },
      { mime: 'image/svg+xml' },
    ])
      expect(decodeImageFrame(frameOf(wrong)), JSON.stringify(wrong)).toBeNull();
    expect(decodeImageFrame(frameOf({}, new Uint8Array()))).toBeNull();
    const broken = new Uint8Array(frameOf({ key: 'xx' }));
    const at = Buffer.from(broken).indexOf('xx');
    broken.set([0xc3, 0x28], at);
    expect(decodeImageFrame(broken.buffer)).toBeNull();
  });
});

describe('a command', () => {
  it('of typing tells the other party alone, without a name, once in its time', async () => {
    const { db, roomOf } = await drawn();
    const run = commands(db);
    const typing = { type: 'TYPING', conversationId: roomOf('a') };
    expect(await run('a', typing)).toEqual([['publishVolatile', ['b'], typing]]);
    expect(await run('a', typing)).toEqual([]);
    expect(await run('b', typing)).toEqual([['publishVolatile', ['a'], typing]]);
    expect((await run('c', typing)).map(([what]) => what)).toEqual(['reject', 'reply']);
  });

  it('has a text of 1 to 4,000 letters after blanks are cut, and a uuid for a key', async () => {
    const { db, roomOf } = await drawn();
    const run = commands(db);
    const say = async (over: object) =>
      (await run('a', { type: 'SEND_MESSAGE', conversationId: roomOf('a'), text: 'Hello', ...over }))[0]?.[0];
    for (const fine of [{}, { text: ` ${'x'.repeat(4_000)} ` }, { key: randomUUID() }])
      expect(await say(fine)).toBe('publish');
    for (const wrong of [
      { text: ' ' },
      { text: 'x'.repeat(4_001) },
      { text: 7 },
      { key: 'mine' },
      { key: 7 },
    ])
      expect(await say(wrong), JSON.stringify(wrong)).toBe('reject');
  });

  it('keeps its text as it is, whatever it holds, but for U+0000 and halves of letters, which nobody can keep', async () => {
    const { db, roomOf } = await drawn();
    const run = commands(db);
    const kept = async (text: string) => {
      const [first] = await run('a', { type: 'SEND_MESSAGE', conversationId: roomOf('a'), text });
      return first?.[0] === 'publish' ? (await listMessages(db, party)).at(-1)?.text : first;
    };
    const party = await requireParty(db, 'b', roomOf('a'));
    for (const text of ['\u202eabc', '👩‍🎄', '.\ufeff.', 'a\r\nb', '\u0001\u007f\u009f', 'é\u0301', '\uffff'])
      expect(await kept(text)).toBe(text);
    expect(await kept('a\u0000b')).toBe('ab');
    expect(await kept('a\ud800b\udc00')).toBe('a\ufffdb\ufffd');
    expect(await kept(' \u0000 ')).toEqual(['reject', 'bad-request']);
  });

  it('that is refused is told once: by its receipt where it is durable, else by a message with its key', async () => {
    const { db } = await drawn();
    const run = commands(db);
    const key = randomUUID();
    const command = { type: 'SEND_MESSAGE', conversationId: 'none', text: 'Hello' };
    expect(await run('a', command, key)).toEqual([['reject', 'not-found']]);
    const reason = 'This conversation does not exist.';
    expect(await run('a', { ...command, key })).toEqual([
      ['reject', 'not-found'],
      ['reply', { type: 'COMMAND_REJECTED', key, reason }],
    ]);
    // A key that is none is not sent back, however long.
    for (const odd of ['k'.repeat(65), 7, null]) {
      const [, reply] = await run('a', { ...command, key: odd });
      expect(reply).toMatchObject(['reply', { type: 'COMMAND_REJECTED', key: null }]);
    }
  });

  it('that fails is thrown where the client sends it again, and told, without a cause, where it does not', async () => {
    const { db, roomOf } = await drawn();
    const log = vi.fn();
    const run = commands(db, undefined, log);
    const command = { type: 'SEND_MESSAGE', conversationId: roomOf('a'), text: 'Hello' };
    await db.schema.dropTable('messages').execute();
    await expect(run('a', command, randomUUID())).rejects.toThrow('no such table');
    const key = randomUUID();
    expect(await run('a', { ...command, key })).toEqual([
      ['reject', 'failed'],
      ['reply', { type: 'COMMAND_REJECTED', key, reason: 'The server could not do this. Please try again.' }],
    ]);
    expect(log.mock.calls).toEqual([[expect.any(Error), 'A command failed.', { connectionId: '1' }]]);
  });

  it('counts in the limits of its sender: pictures as pictures, and what was sent before not at all', async () => {
    const { db, roomOf } = await drawn();
    const run = commands(db);
    const picture = (key: string) =>
      encodeImageFrame({ conversationId: roomOf('a'), key, mime: 'image/gif' }, gif(20));
    for (let times = 0; times < 70; times++)
      expect((await run('a', picture('same')))[0]?.[0]).toBe('publish');
    for (let index = 1; index < 60; index++)
      expect((await run('a', picture(`${index}`)))[0]?.[0]).toBe('publish');
    expect((await run('a', picture('61')))[0]).toEqual(['reject', 'too-many-requests']);
    expect((await run('b', picture('of another')))[0]?.[0]).toBe('publish');
    const text = { type: 'SEND_MESSAGE', conversationId: roomOf('a'), text: 'Hello' };
    expect((await run('a', text))[0]?.[0]).toBe('publish');
  });

  it('that is no command is refused, whatever it is', async () => {
    const { db } = await drawn();
    const run = commands(db);
    for (const odd of [{}, { type: 'NEW_MESSAGE' }, { type: 'ACK' }, { type: 'TYPING' }, new ArrayBuffer(1)])
      expect((await run('a', odd))[0]).toEqual(['reject', 'bad-request']);
  });
});
