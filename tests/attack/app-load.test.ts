import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { GROUPS_PAGE_COUNT, type Group } from '../../app/contract/http-api.ts';
import { startSession } from '../../app/server/accounts/sessions.ts';
import { listConversations } from '../../app/server/chat/conversations.ts';
import { listMessages, storeMessage } from '../../app/server/chat/messages.ts';
import { requireParty } from '../../app/server/chat/party.ts';
import type { Database } from '../../app/server/database/open-database.ts';
import { listGroups } from '../../app/server/groups/groups.ts';
import { storeDraw } from '../../app/server/groups/raffle.ts';
import { createHttpApp } from '../../app/server/http/http-app.ts';
import { createRequestTurns } from '../../app/server/limits/request-turns.ts';
import { bareServices } from '../app/server/support/bare-services.ts';
import { cycleOf, databaseOf } from '../app/server/support/every-draw.ts';

/** Counts the questions to the database. */
const counted = (db: Database) => {
  const asked = { count: 0 };
  const counting = db.withPlugin({
    transformQuery({ node }) {
      asked.count += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { asked, counting };
};

const appOf = (db: Database) => createHttpApp(bareServices(db), {});

const asks = async (db: Database, userId: string) => {
  const { accessToken } = await startSession(db, userId);
  return (app: ReturnType<typeof appOf>, path: string, method = 'GET') =>
    app.request(
      path,
      { method, headers: { authorization: `Bearer ${accessToken}` } },
      { incoming: new IncomingMessage(new Socket()) },
    );
};

/** People, and groups that all of them are in; the first one owns them. */
const groupsOf = (count: number, people: readonly string[]) =>
  databaseOf(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`g${String(index).padStart(3, '0')}`, people]),
    ),
  );
const PEOPLE = ['a', ...Array.from({ length: 9 }, (_, index) => `p${index}`)];

describe('one who asks for everything at once', () => {
  it('holds nobody up: of a crowd of requests four run, and whoever else comes is served at once', async () => {
    const db = await groupsOf(40, PEOPLE);
    const app = appOf(db);
    const [mallory, eve] = [await asks(db, 'a'), await asks(db, 'p1')];
    let doneCount = 0;
    const flood = Array.from({ length: 50 }, async () => {
      expect((await mallory(app, '/api/groups')).status).toBe(200);
      doneCount += 1;
    });
    expect((await eve(app, '/api/session')).status).toBe(200);
    expect(doneCount).toBeLessThanOrEqual(8);
    await Promise.all(flood);
    expect(doneCount).toBe(50);
  });

  it('has four requests that run and a hundred that wait, and hears of more that it is too much', async () => {
    const turns = createRequestTurns(() => 0);
    const order: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const run = (name: string, userId = 'mallory') =>
      turns.run(userId, async () => {
        order.push(name);
        await held;
      });
    const running = Array.from({ length: 104 }, (_, index) => run(`${index}`));
    await expect(run('one more')).rejects.toThrow('Your account asks too much at once.');
    const other = run('other', 'eve');
    expect(order).toEqual(['0', '1', '2', '3', 'other']);
    release();
    await Promise.all([...running, other]);
    expect(order).toEqual([
      '0',
      '1',
      '2',
      '3',
      'other',
      ...Array.from({ length: 100 }, (_, index) => `${index + 4}`),
    ]);
    // All places are free again.
    await run('later');
  });

  it('gives its place back when the work fails', async () => {
    const turns = createRequestTurns(() => 0);
    for (let times = 0; times < 10; times++)
      await expect(turns.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await turns.run('a', async () => {});
  });

  it('asks a thousand times a minute, whatever it asks for, and is told when to come back', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    const app = appOf(db);
    const [mallory, eve] = [await asks(db, 'a'), await asks(db, 'b')];
    for (let times = 0; times < 500; times++) {
      expect((await mallory(app, '/api/ticket', 'POST')).status).toBe(201);
      expect((await mallory(app, '/api/groups/none')).status).toBe(404);
    }
    for (const [path, method] of [
      ['/api/ticket', 'POST'],
      ['/api/session', 'GET'],
      ['/api/groups', 'GET'],
    ] as const) {
      const refused = await mallory(app, path, method);
      expect(refused.status).toBe(429);
      // Of the minute that began with the first: however long the thousand took.
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    expect((await eve(app, '/api/session')).status).toBe(200);
    let nowMs = 0;
    const turns = createRequestTurns(() => nowMs);
    const once = () => turns.run('a', async () => {});
    for (let times = 0; times < 1_000; times++) await once();
    await expect(once()).rejects.toThrow('Your account asks too much. Please try again in a minute.');
    nowMs = 60_000;
    await once();
  });
});

describe('a list', () => {
  it('of groups comes in pages of twenty, each group once, with three questions a page, however many members', async () => {
    const db = await groupsOf(45, PEOPLE);
    const { asked, counting } = counted(db);
    const pages: Group[][] = [];
    for (let after: string | undefined; ; after = pages.at(-1)?.at(-1)?.id) {
      asked.count = 0;
      const page = await listGroups(counting, 'a', after);
      pages.push(page);
      // One more finds the place of the last group.
      expect(asked.count).toBe(after === undefined ? 3 : 4);
      if (page.length < GROUPS_PAGE_COUNT) break;
    }
    expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
    const ids = pages.flat().map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 45 }, (_, index) => `g${String(index).padStart(3, '0')}`));
    for (const { members } of pages.flat()) expect(members).toHaveLength(10);
  });

  it('of groups goes by age, and begins after no group of others', async () => {
    const db = await databaseOf({ old: ['a', 'b'], new: ['a', 'b'], others: ['b', 'c'] });
    for (const [id, createdAt] of [
      ['old', 1],
      ['new', 2],
      ['others', 1],
    ] as const)
      await db.updateTable('groups').set({ createdAt }).where('id', '=', id).execute();
    const ids = async (after?: string) => (await listGroups(db, 'a', after)).map(({ id }) => id);
    expect(await ids()).toEqual(['old', 'new']);
    expect(await ids('old')).toEqual(['new']);
    expect(await ids('new')).toEqual([]);
    for (const after of ['others', 'none'])
      await expect(ids(after)).rejects.toThrow('This group does not exist.');
  });

  it('of conversations asks two questions, however many there are', async () => {
    const db = await groupsOf(30, ['a', 'b', 'c']);
    for (let group = 0; group < 30; group++)
      await storeDraw(db, `g${String(group).padStart(3, '0')}`, cycleOf(['a', 'b', 'c']));
    const { asked, counting } = counted(db);
    expect(await listConversations(counting, 'a')).toHaveLength(60);
    expect(asked.count).toBe(2);
  });

  it('of messages goes back page by page to the first, and from no message of another conversation', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c']));
    const rooms = await db.selectFrom('conversations').select(['id', 'giverId']).execute();
    const partyOf = (userId: string, giverId: string) =>
      requireParty(db, userId, rooms.find((room) => room.giverId === giverId)?.id ?? '');
    const [mine, theirs] = [await partyOf('a', 'a'), await partyOf('b', 'b')];
    for (let n = 0; n < 230; n++) await storeMessage(db, mine, { key: `${n}`, text: `${n}`, image: null });
    const { message } = await storeMessage(db, theirs, { key: 'k', text: 'elsewhere', image: null });
    const texts: (string | null)[] = [];
    for (let before: string | undefined; ; ) {
      const page = await listMessages(db, mine, before);
      texts.unshift(...page.map(({ text }) => text));
      if (page.length < 100) break;
      before = page[0]?.id;
    }
    expect(texts).toEqual(Array.from({ length: 230 }, (_, n) => `${n}`));
    for (const before of [message.id, 'none'])
      await expect(listMessages(db, mine, before)).rejects.toThrow('This message does not exist.');
  });

  it('counts a thousand unread messages, and does not look at more', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c']));
    const { id } = await db
      .selectFrom('conversations')
      .select('id')
      .where('giverId', '=', 'a')
      .executeTakeFirstOrThrow();
    const rows = Array.from({ length: 1_050 }, (_, n) => ({
      id: `m${n}`,
      conversationId: id,
      senderId: 'a',
      key: `${n}`,
      text: 'Hello',
      imageId: null,
      sentAt: n,
    }));
    for (let from = 0; from < rows.length; from += 150)
      await db
        .insertInto('messages')
        .values(rows.slice(from, from + 150))
        .execute();
    const unreadOf = async (userId: string) =>
      (await listConversations(db, userId)).find((conversation) => conversation.id === id)?.unreadCount;
    expect(await unreadOf('b')).toBe(1_000);
    expect(await unreadOf('a')).toBe(0);
  });
});
