import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { ChatMessage, Group, Invitation } from '../../../app/contract/http-api.ts';
import { encodeImageFrame, MAX_IMAGE_BYTES } from '../../../app/contract/image-frame.ts';
import {
  endSession,
  findSession,
  sessionOfToken,
  startSession,
} from '../../../app/server/accounts/sessions.ts';
import { listMessages, storeMessage } from '../../../app/server/chat/messages.ts';
import { requireParty } from '../../../app/server/chat/party.ts';
import { storeDraw } from '../../../app/server/groups/raffle.ts';
import { securityHeaders } from '../../../app/server/http/security-headers.ts';
import { cycleOf, databaseOf } from './support/every-draw.ts';
import { conversationOf, drawnGroup, type Person, sharedPeople } from './support/person.ts';
import { sharedServer } from './support/test-server.ts';
import { openSocket, type TestSocket } from './support/test-socket.ts';

/** Checks of identity, right, limit and order that no story of a person comes past. */
const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris');
const drawn = () => drawnGroup(people.Gwen, people.Hugo, people.Iris);
const messagesOf = (person: Person, conversationId: string) =>
  person.get(v.array(ChatMessage), 'GET', `/api/conversations/${conversationId}/messages`);
const settled = async (socket: TestSocket) => {
  const key = randomUUID();
  socket.send({ type: 'NONSENSE', key });
  await socket.next('COMMAND_REJECTED', (frame) => frame.key === key);
};

describe('a key', () => {
  it('is its sender’s: the same key of two people makes two messages (I3)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    const key = randomUUID();
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: 'From the giver', key });
    await settled(onGiver);
    onRecipient.send({ type: 'SEND_MESSAGE', conversationId, text: 'From the recipient', key });
    await settled(onRecipient);
    expect((await messagesOf(giver, conversationId)).map(({ text, key: mine }) => [text, mine])).toEqual([
      ['From the giver', key],
      ['From the recipient', null],
    ]);
  });

  it('of somebody else answers nothing about them: it is stored, not refused as taken', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c']));
    const { id } = await db
      .selectFrom('conversations')
      .select('id')
      .where('giverId', '=', 'a')
      .executeTakeFirstOrThrow();
    const says = async (userId: string) =>
      storeMessage(db, await requireParty(db, userId, id), { key: 'k', text: userId, image: null });
    expect((await says('a')).isNew).toBe(true);
    expect((await says('b')).isNew).toBe(true);
    expect((await says('a')).isNew).toBe(false);
  });

  it('of a durable command is the command’s, whatever the message says', async () => {
    const { giver, conversationId } = await drawn();
    const onGiver = await openSocket(server.url, giver.token, {}, { first: { type: 'RESUME', after: null } });
    const key = randomUUID();
    const said = { type: 'SEND_MESSAGE', conversationId, text: 'Mine', clientId: randomUUID(), n: 1, key };
    onGiver.send(said);
    await onGiver.next('RECEIPT');
    expect((await messagesOf(giver, conversationId)).map((message) => message.key)).toEqual([key]);
  });
});

describe('an image', () => {
  const bad = new Uint8Array([1, 2, 3]);
  const large = new Uint8Array(MAX_IMAGE_BYTES + 1);

  it('of somebody without a right to the conversation is not looked at: they hear what anybody hears', async () => {
    const { other, conversationId } = await drawn();
    const onOther = await other.connect();
    for (const room of [conversationId, randomUUID()]) {
      for (const bytes of [bad, large]) {
        const key = randomUUID();
        onOther.sendRaw(encodeImageFrame({ conversationId: room, key, mime: 'image/png' }, bytes));
        expect(await onOther.next('COMMAND_REJECTED', (frame) => frame.key === key)).toMatchObject({
          reason: 'This conversation does not exist.',
        });
      }
    }
  });

  it('that is refused leaves nothing behind: no message, no picture', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const onGiver = await giver.connect();
    onGiver.sendRaw(encodeImageFrame({ conversationId, key: randomUUID(), mime: 'image/png' }, bad));
    await settled(onGiver);
    expect(await messagesOf(recipient, conversationId)).toEqual([]);
  });
});

describe('a conversation', () => {
  it('is read by each for themself: what one has read is unread for the other', async () => {
    const { giver, recipient, group, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: 'One', key: randomUUID() });
    onRecipient.send({ type: 'SEND_MESSAGE', conversationId, text: 'Two', key: randomUUID() });
    await Promise.all([settled(onGiver), settled(onRecipient)]);
    await giver.call('POST', `/api/conversations/${conversationId}/read`);
    expect((await conversationOf(giver, group.id, 'giver')).unreadCount).toBe(0);
    expect((await conversationOf(recipient, group.id, 'recipient')).unreadCount).toBe(1);
    await recipient.call('POST', `/api/conversations/${conversationId}/read`);
    expect((await conversationOf(recipient, group.id, 'recipient')).unreadCount).toBe(0);
  });

  it('that is read leaves the others of the same person unread', async () => {
    const first = await drawn();
    const second = await drawn();
    // Whoever gave first: in each of the two groups they give to somebody.
    const reader = first.giver;
    const rooms = await Promise.all(
      [first, second].map(({ group }) => conversationOf(reader, group.id, 'giver')),
    );
    for (const { id, partnerId } of rooms) {
      const partner = Object.values(people).find((person) => person.id === partnerId);
      const socket = await partner?.connect();
      socket?.send({ type: 'SEND_MESSAGE', conversationId: id, text: 'Hello', key: randomUUID() });
      await socket?.next('NEW_MESSAGE', ({ payload }) => v.parse(ChatMessage, payload).conversationId === id);
    }
    // The newer one is read: its place in the order of all messages is behind the other's.
    await reader.call('POST', `/api/conversations/${rooms[1]?.id}/read`);
    const unread = await Promise.all(
      [first, second].map(async ({ group }) => (await conversationOf(reader, group.id, 'giver')).unreadCount),
    );
    expect(unread).toEqual([1, 0]);
  });

  it('shows its last hundred messages, the oldest first, and none of another', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    await storeDraw(db, 'winter', cycleOf(['a', 'b', 'c']));
    const rooms = await db.selectFrom('conversations').select(['id', 'giverId']).execute();
    const roomOf = (giverId: string) => rooms.find((room) => room.giverId === giverId)?.id ?? '';
    const [asGiver, elsewhere] = [
      await requireParty(db, 'a', roomOf('a')),
      await requireParty(db, 'b', roomOf('b')),
    ];
    for (let n = 0; n < 103; n++) {
      await storeMessage(db, asGiver, { key: `${n}`, text: `${n}`, image: null });
      if (n % 50 === 0) await storeMessage(db, elsewhere, { key: `${n}`, text: 'elsewhere', image: null });
    }
    expect((await listMessages(db, asGiver)).map(({ text }) => text)).toEqual(
      Array.from({ length: 100 }, (_, index) => `${index + 3}`),
    );
  });

  it('is listed for its two people only, each in their own part', async () => {
    const { giver, recipient, other, group, conversationId } = await drawn();
    const seen = async (person: Person) =>
      (
        JSON.parse((await person.call('GET', '/api/conversations')).text) as {
          id: string;
          groupId: string;
          role: string;
        }[]
      )
        .filter(({ groupId, id }) => groupId === group.id && id === conversationId)
        .map(({ role }) => role);
    expect(await seen(giver)).toEqual(['giver']);
    expect(await seen(recipient)).toEqual(['recipient']);
    expect(await seen(other)).toEqual([]);
  });
});

describe('a group', () => {
  it('is listed for its members only', async () => {
    const { id } = await people.Gwen.get(Group, 'POST', '/api/groups', { name: 'Alone' });
    const idsOf = async (person: Person) =>
      (await person.get(v.array(Group), 'GET', '/api/groups')).map((group) => group.id);
    expect(await idsOf(people.Gwen)).toContain(id);
    expect(await idsOf(people.Hugo)).not.toContain(id);
  });

  it('lets nobody in twice: an invitation is accepted once', async () => {
    const { id } = await people.Gwen.get(Group, 'POST', '/api/groups', { name: 'Twice' });
    const invitation = await people.Gwen.get(Invitation, 'POST', `/api/groups/${id}/invitations`, {
      email: people.Hugo.email,
    });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => people.Hugo.call('POST', `/api/invitations/${invitation.id}/accept`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404]);
    expect((await people.Gwen.get(Group, 'GET', `/api/groups/${id}`)).members).toHaveLength(2);
  });

  it('is not joined by who declined, or comes too late for the draw', async () => {
    const { group } = await drawn();
    const late = await people.Gwen.call('POST', `/api/groups/${group.id}/invitations`, {
      email: 'late@people.test',
    });
    expect(late.status).toBe(409);
    const self = await people.Gwen.get(Group, 'POST', '/api/groups', { name: 'Self' });
    const own = await people.Gwen.call('POST', `/api/groups/${self.id}/invitations`, {
      email: people.Gwen.email,
    });
    expect(own.status).toBe(409);
  });
});

describe('a session', () => {
  it('is found by its whole token only, until its end, and others’ by none of it', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    const mine = await startSession(db, 'a');
    const theirs = await startSession(db, 'b');
    expect(await findSession(db, sessionOfToken(mine.accessToken))).toMatchObject({ userId: 'a' });
    for (const token of [
      '',
      mine.accessToken.slice(1),
      `${mine.accessToken}x`,
      mine.accessToken.toLowerCase(),
    ])
      expect(await findSession(db, sessionOfToken(token))).toBeNull();
    await endSession(db, mine.accessToken, 'a');
    expect(await findSession(db, sessionOfToken(mine.accessToken))).toBeNull();
    expect(await findSession(db, sessionOfToken(theirs.accessToken))).toMatchObject({ userId: 'b' });
  });

  it('that has expired counts for nothing, and goes when somebody signs in; a valid one of others stays', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    const [old, valid, theirs] = [
      await startSession(db, 'a'),
      await startSession(db, 'a'),
      await startSession(db, 'b'),
    ];
    const rows = await db.selectFrom('sessions').select(['tokenHash', 'userId']).execute();
    // The first of the two of `a` is the old one.
    const { tokenHash } = rows.find(({ userId }) => userId === 'a') ?? { tokenHash: '' };
    await db
      .updateTable('sessions')
      .set({ expiresAt: Date.now() })
      .where('tokenHash', '=', tokenHash)
      .execute();
    const left = (await findSession(db, sessionOfToken(old.accessToken))) === null ? valid : old;
    expect(await endSession(db, left.accessToken, 'a')).toEqual({ othersCount: 0 });
    await startSession(db, 'c');
    expect(
      (await db.selectFrom('sessions').select('userId').execute()).map(({ userId }) => userId).toSorted(),
    ).toEqual(['b', 'c']);
    expect(await findSession(db, sessionOfToken(theirs.accessToken))).toMatchObject({ userId: 'b' });
  });

  it('is asked for as a bearer token, and in no other way', async () => {
    const { token } = people.Gwen;
    const statusOf = async (authorization: string) =>
      (await fetch(`${server.url}/api/session`, { headers: { authorization } })).status;
    expect(await statusOf(`Bearer ${token}`)).toBe(200);
    for (const wrong of [
      token,
      `Basic ${token}`,
      `X-Bearer ${token}`,
      `Bearer ${token} x`,
      `Bearer  ${token}`,
      `Bearer ${token},`,
    ])
      expect(await statusOf(wrong), wrong).toBe(401);
    expect((await fetch(`${server.url}/api/session?token=${token}`)).status).toBe(401);
    expect((await fetch(`${server.url}/api/none`)).status).toBe(401);
  });
});

describe('a response', () => {
  it('takes nothing of a Host header that is none into its policy', async () => {
    const app = new Hono().use(securityHeaders()).get('/', (context) => context.text('Hello'));
    const policyFor = async (host: string) =>
      (await app.request('/', { headers: { host } })).headers.get('content-security-policy') ?? '';
    expect(await policyFor('redngift.example:3000')).toContain('wss://redngift.example:3000');
    for (const host of ["x;script-src 'unsafe-inline' *", 'x y', 'x,y', 'a'.repeat(256)]) {
      expect(await policyFor(host)).toContain("connect-src 'self';");
      expect(await policyFor(host)).not.toContain('script-src');
    }
  });
});
