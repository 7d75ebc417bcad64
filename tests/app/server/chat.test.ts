import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { ChatMessage } from '../../../app/contract/http-api.ts';
import { ServerMessage } from '../../../app/contract/socket-messages.ts';
import { call, conversationOf, drawnGroup, type Person, sharedPeople, signUp } from './support/person.ts';
import { sharedServer, startTestServer } from './support/test-server.ts';
import type { Frame, TestSocket } from './support/test-socket.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris');
const drawn = () => drawnGroup(people.Gwen, people.Hugo, people.Iris);
const messagesOf = (person: Person, conversationId: string) =>
  person.get(v.array(ChatMessage), 'GET', `/api/conversations/${conversationId}/messages`);
/** Commands of a socket come one after the other: once this one is answered, those before it are done. */
const settled = async (socket: TestSocket) => {
  const key = randomUUID();
  socket.send({ type: 'NONSENSE', key });
  await socket.next('COMMAND_REJECTED', (frame) => frame.key === key);
};

describe('chat', () => {
  it('brings a message to the other party and back to its sender as the echo with the key', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    const key = randomUUID();
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: ' Do you like tea? ', key });
    const got = await onRecipient.next('NEW_MESSAGE');
    const echo = await onGiver.next('NEW_MESSAGE');
    for (const frame of [got, echo]) expect(v.safeParse(ServerMessage, frame).issues).toBeUndefined();
    expect(got).toMatchObject({
      sender: 'Your Secret Santa',
      payload: { conversationId, text: 'Do you like tea?', mine: false, key: null, imageId: null },
    });
    expect(echo).toMatchObject({ sender: 'Gwen', payload: { mine: true, key, text: 'Do you like tea?' } });

    onRecipient.send({ type: 'SEND_MESSAGE', conversationId, text: 'Yes, green.', key: randomUUID() });
    const answer = await onGiver.next('NEW_MESSAGE', ({ sender }) => sender === recipient.name);
    expect(answer).toMatchObject({ payload: { text: 'Yes, green.', mine: false, key: null } });
    expect((await messagesOf(giver, conversationId)).map(({ text, mine }) => [text, mine])).toEqual([
      ['Do you like tea?', true],
      ['Yes, green.', false],
    ]);
  });

  it('takes a message without a key for one that is said once', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const onGiver = await giver.connect();
    for (const text of ['Same', 'Same']) onGiver.send({ type: 'SEND_MESSAGE', conversationId, text });
    await settled(onGiver);
    expect(await messagesOf(recipient, conversationId)).toMatchObject([{ text: 'Same' }, { text: 'Same' }]);
  });

  it('makes one message of the same key sent twice, and answers the repeat with an echo (I3)', async () => {
    const { giver, recipient, other, group, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    const command = { type: 'SEND_MESSAGE', conversationId, text: 'Once.', key: randomUUID() };
    for (let times = 0; times < 3; times++) onGiver.send(command);
    const second = await giver.connect();
    second.send(command);
    await Promise.all([settled(onGiver), settled(second)]);
    await expect.poll(() => onGiver.frames.filter(({ type }) => type === 'NEW_MESSAGE')).toHaveLength(4);
    expect(await messagesOf(recipient, conversationId)).toHaveLength(1);
    await settled(onRecipient);
    expect(onRecipient.frames.filter(({ type }) => type === 'NEW_MESSAGE')).toHaveLength(1);

    const { id } = await conversationOf(giver, group.id, 'recipient');
    onGiver.send({ ...command, conversationId: id });
    expect(await onGiver.next('COMMAND_REJECTED', (frame) => frame.key === command.key)).toBeDefined();
    expect(await messagesOf(other, id)).toEqual([]);
  });

  it('counts what is unread until it is read, not what one wrote oneself', async () => {
    const { giver, recipient, group, conversationId } = await drawn();
    const onGiver = await giver.connect();
    for (const text of ['One', 'Two']) {
      onGiver.send({ type: 'SEND_MESSAGE', conversationId, text, key: randomUUID() });
    }
    await settled(onGiver);
    expect(await conversationOf(recipient, group.id, 'recipient')).toMatchObject({
      unreadCount: 2,
      lastMessage: { text: 'Two', mine: false, key: null },
    });
    expect(await conversationOf(giver, group.id, 'giver')).toMatchObject({ unreadCount: 0 });
    expect((await recipient.call('POST', `/api/conversations/${conversationId}/read`)).status).toBe(204);
    expect((await conversationOf(recipient, group.id, 'recipient')).unreadCount).toBe(0);
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: 'Three', key: randomUUID() });
    await settled(onGiver);
    expect((await conversationOf(recipient, group.id, 'recipient')).unreadCount).toBe(1);
  });

  it('tells the other party, and nobody else, who types only by the conversation', async () => {
    const { giver, recipient, other, conversationId } = await drawn();
    const [onGiver, onRecipient, onOther] = await Promise.all(
      [giver, recipient, other].map((one) => one.connect()),
    );
    if (!onGiver || !onRecipient || !onOther) throw new Error('Nobody is connected.');
    onGiver.send({ type: 'TYPING', conversationId });
    expect(await onRecipient.next('TYPING')).toEqual({ type: 'TYPING', conversationId });
    onRecipient.send({ type: 'TYPING', conversationId });
    expect(await onGiver.next('TYPING')).toEqual({ type: 'TYPING', conversationId });
    await settled(onOther);
    expect(onOther.frames.filter(({ type }) => type === 'TYPING')).toEqual([]);
    expect(onGiver.frames.filter(({ type }) => type === 'TYPING')).toHaveLength(1);
  });

  it('rejects what is malformed, unknown or not allowed, and keeps the connection (I14, I16)', async () => {
    const { giver, recipient, other, conversationId } = await drawn();
    const onOther = await other.connect();
    const key = randomUUID();
    const rejected = (fits: (frame: Frame) => boolean) => onOther.next('COMMAND_REJECTED', fits);
    onOther.send({ type: 'SEND_MESSAGE', conversationId, text: 'Let me in', key });
    expect(await rejected((frame) => frame.key === key)).toMatchObject({
      reason: 'This conversation does not exist.',
    });
    for (const [index, text] of ['', '   ', 'x'.repeat(4_001), 7, null].entries()) {
      const bad = { type: 'SEND_MESSAGE', conversationId, text, key: randomUUID() };
      onOther.send(bad);
      expect(await rejected((frame) => frame.key === bad.key), String(index)).toBeDefined();
    }
    onOther.send({ type: 'SEND_MESSAGE', conversationId, text: 'No uuid', key: 'mine' });
    expect(await rejected((frame) => frame.key === 'mine')).toBeDefined();
    onOther.send({ type: 'TYPING', conversationId });
    onOther.sendRaw(new Uint8Array([0, 1, 2]).buffer);
    await settled(onOther);
    expect(await messagesOf(giver, conversationId)).toEqual([]);
    expect((await other.call('GET', `/api/conversations/${conversationId}/messages`)).status).toBe(404);
    expect((await other.call('POST', `/api/conversations/${conversationId}/read`)).status).toBe(404);
    expect((await recipient.call('GET', `/api/conversations/${conversationId}/messages`)).status).toBe(200);
  });

  it('keeps everything over a restart: accounts, tokens, groups, the draw and what was said', async () => {
    const first = await startTestServer();
    const [gwen, hugo, iris] = await Promise.all(
      ['Gwen', 'Hugo', 'Iris'].map((name) => signUp(first.url, name)),
    );
    if (!gwen || !hugo || !iris) throw new Error('Nobody signed up.');
    const { giver, recipient, conversationId } = await drawnGroup(gwen, hugo, iris);
    const onGiver = await giver.connect();
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: 'Still here?', key: randomUUID() });
    await onGiver.next('NEW_MESSAGE');
    await first.close();
    expect(await onGiver.closed).toMatchObject({ code: 1012 });

    const { url } = await startTestServer({ dataDir: first.dataDir });
    const path = `/api/conversations/${conversationId}/messages`;
    const { status, text } = await call(url, 'GET', path, { token: recipient.token });
    expect(status).toBe(200);
    expect(v.parse(v.array(ChatMessage), JSON.parse(text))).toMatchObject([
      { text: 'Still here?', mine: false },
    ]);
  });
});
