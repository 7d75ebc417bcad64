import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Group, Invitation } from '../../app/contract/http-api.ts';
import { encodeImageFrame } from '../../app/contract/image-frame.ts';
import {
  call,
  conversationOf,
  drawnGroup,
  groupOf,
  PASSWORD,
  sharedPeople,
} from '../app/server/support/person.ts';
import { sharedServer } from '../app/server/support/test-server.ts';
import { type Frame, openSocket, type TestSocket } from '../app/server/support/test-socket.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Zoe', 'Gwen', 'Hugo', 'Iris');
const drawn = () => drawnGroup(people.Gwen, people.Hugo, people.Iris);
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

const settled = async (socket: TestSocket) => {
  const key = randomUUID();
  socket.send({ type: 'NONSENSE', key });
  await socket.next('COMMAND_REJECTED', (frame) => frame.key === key);
};

const imageBy = async (sender: TestSocket, conversationId: string) => {
  const gif = new Uint8Array(Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1'));
  const key = randomUUID();
  sender.sendRaw(encodeImageFrame({ conversationId, key, mime: 'image/gif' }, gif));
  const { payload } = await sender.next(
    'NEW_MESSAGE',
    (frame) => (frame.payload as { key: string }).key === key,
  );
  return (payload as { imageId: string }).imageId;
};

describe('somebody who looks for their Secret Santa', () => {
  it('lists members by name, whoever joined first or was drawn (I14)', async () => {
    const group = await groupOf('Winter', people.Zoe, people.Iris, people.Gwen, people.Hugo);
    const names = ['Gwen', 'Hugo', 'Iris', 'Zoe'];
    expect(group.members.map(({ name }) => name)).toEqual(names);
    await people.Zoe.call('POST', `/api/groups/${group.id}/raffle`);
    for (const person of Object.values(people)) {
      const { members } = await person.get(Group, 'GET', `/api/groups/${group.id}`);
      expect(members.map(({ name }) => name)).toEqual(names);
    }
  });

  it('gives ids that tell nothing: random ones, and places in a log that count its owner’s alone (I14)', async () => {
    const { giver, recipient, other, group, conversationId } = await drawn();
    const [onGiver, onRecipient, onOther] = await Promise.all([
      giver.connect(),
      recipient.connect(),
      other.connect(),
    ]);
    const say = async (text: string) => {
      onGiver.send({ type: 'SEND_MESSAGE', conversationId, text, key: randomUUID() });
      const fits = ({ payload }: Frame) => (payload as { text: string }).text === text;
      await onGiver.next('NEW_MESSAGE', fits);
      return onRecipient.next('NEW_MESSAGE', fits);
    };
    const placeOf = ({ id }: Record<string, unknown>) => Number(/^\d+/.exec(String(id))?.[0]);
    const first = await say('One');
    // What others say to each other in between moves nothing here.
    const { id: elsewhere } = await conversationOf(other, group.id, 'giver');
    for (let times = 0; times < 3; times++)
      onOther.send({ type: 'SEND_MESSAGE', conversationId: elsewhere, text: 'Hey', key: randomUUID() });
    await settled(onOther);
    const second = await say('Two');
    expect(placeOf(second) - placeOf(first)).toBe(1);
    for (const id of [conversationId, group.id, giver.id, (first.payload as { id: string }).id])
      expect(id).toMatch(UUID);
  });

  it('tells nobody what was read (I14)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: 'Read me', key: randomUUID() });
    await onRecipient.next('NEW_MESSAGE', ({ payload }) => (payload as { text: string }).text === 'Read me');
    await settled(onGiver);
    const before = onGiver.texts.length;
    expect((await recipient.call('POST', `/api/conversations/${conversationId}/read`)).status).toBe(204);
    await settled(onGiver);
    // Nothing but the answer to the nonsense.
    expect(onGiver.texts.length).toBe(before + 1);
  });

  it('hears nothing of what their Santa does besides writing: comes, goes, reads, acknowledges, looks at pictures (I14)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const onRecipient = await recipient.connect();
    const imageId = await imageBy(onRecipient, conversationId);
    await settled(onRecipient);
    const before = onRecipient.texts.length;
    const onGiver = await giver.connect();
    const second = await openSocket(server.url, giver.token, {}, { first: { type: 'RESUME', after: null } });
    await second.next('RESUMED');
    onGiver.send({ type: 'ACK', messageId: randomUUID() });
    await giver.call('GET', `/api/images/${imageId}`);
    await giver.call('GET', `/api/conversations/${conversationId}/messages`);
    await giver.call('POST', `/api/conversations/${conversationId}/read`);
    onGiver.send({ type: 'SEND_MESSAGE', conversationId, text: '', key: randomUUID() });
    await onGiver.next('COMMAND_REJECTED');
    await Promise.all([onGiver.close(), second.close()]);
    // Whoever left is offline after 3 s, and who may see it has been told by then.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await settled(onRecipient);
    // Nothing but the answer to the nonsense, and heartbeats.
    const heard = onRecipient.texts.slice(before).filter((text) => !text.includes('"HEARTBEAT"'));
    expect(heard).toHaveLength(1);
  });

  it('hears the same of what they write, whether their Santa is there or not (I14)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const onRecipient = await openSocket(
      server.url,
      recipient.token,
      {},
      { first: { type: 'RESUME', after: null } },
    );
    await onRecipient.next('RESUMED');
    const clientId = randomUUID();
    const writes = async (n: number) => {
      const before = onRecipient.frames.length;
      const message = { type: 'SEND_MESSAGE', conversationId, text: 'Hello', key: randomUUID() };
      onRecipient.send({ ...message, clientId, n });
      await onRecipient.next('RECEIPT', (frame) => frame.n === n);
      onRecipient.send({ type: 'TYPING', conversationId });
      await settled(onRecipient);
      return onRecipient.frames
        .slice(before)
        .filter(({ type }) => type !== 'HEARTBEAT')
        .map((frame) => [frame.type, Object.keys(frame).toSorted()]);
    };
    const alone = await writes(1);
    const onGiver = await giver.connect();
    const together = await writes(2);
    await onGiver.close();
    expect(alone.map(([type]) => type)).toEqual(['NEW_MESSAGE', 'RECEIPT', 'COMMAND_REJECTED']);
    expect(together).toEqual(alone);
  });

  it('answers alike for what is not yours and what is not there (I14)', async () => {
    const { giver, other, group, conversationId } = await drawn();
    const imageId = await imageBy(await giver.connect(), conversationId);
    const invitation = await people.Gwen.get(Group, 'POST', '/api/groups', { name: 'Next' }).then(({ id }) =>
      people.Gwen.get(Invitation, 'POST', `/api/groups/${id}/invitations`, { email: 'later@people.test' }),
    );
    const none = randomUUID();
    const doors: [string, (id: string) => string, string][] = [
      ['GET', (id) => `/api/conversations/${id}/messages`, conversationId],
      ['POST', (id) => `/api/conversations/${id}/read`, conversationId],
      ['GET', (id) => `/api/images/${id}`, imageId],
      ['POST', (id) => `/api/invitations/${id}/accept`, invitation.id],
      ['POST', (id) => `/api/invitations/${id}/decline`, invitation.id],
    ];
    const answers = async (who: typeof giver, method: string, path: string) => {
      const { status, text, headers } = await who.call(method, path);
      return [status, text, [...headers].filter(([name]) => name !== 'date')];
    };
    for (const [method, pathOf, id] of doors)
      expect(await answers(other, method, pathOf(id)), pathOf(id)).toEqual(
        await answers(other, method, pathOf(none)),
      );
    for (const [method, pathOf] of [
      ['GET', (id: string) => `/api/groups/${id}`],
      ['POST', (id: string) => `/api/groups/${id}/raffle`],
    ] as const)
      expect(await answers(people.Zoe, method, pathOf(group.id))).toEqual(
        await answers(people.Zoe, method, pathOf(none)),
      );
    const onOther = await other.connect();
    const refusals = [];
    for (const room of [conversationId, none]) {
      const key = randomUUID();
      onOther.send({ type: 'SEND_MESSAGE', conversationId: room, text: 'Hello', key });
      refusals.push({ ...(await onOther.next('COMMAND_REJECTED', (frame) => frame.key === key)), key: '' });
    }
    expect(refusals[0]).toEqual(refusals[1]);
  });

  it('shows the owner no more of the draw than any member (I14)', async () => {
    const { group, giver: owner, recipient, other } = await drawn();
    const shape = async (person: typeof owner) => {
      const mine = JSON.parse((await person.call('GET', '/api/conversations')).text) as {
        groupId: string;
        role: string;
        partnerId: string | null;
      }[];
      return mine
        .filter(({ groupId }) => groupId === group.id)
        .map(({ role, partnerId }) => `${role} ${partnerId === null ? 'nobody' : 'somebody'}`)
        .toSorted();
    };
    expect(group.ownerId).toBe(owner.id);
    for (const person of [owner, recipient, other])
      expect(await shape(person)).toEqual(['giver somebody', 'recipient nobody']);
    const again = await owner.get(Group, 'POST', `/api/groups/${group.id}/raffle`);
    expect(Object.keys(again).toSorted()).toEqual(['drawnAt', 'id', 'invited', 'members', 'name', 'ownerId']);
    for (const member of again.members) expect(Object.keys(member).toSorted()).toEqual(['name', 'userId']);
  });

  it('lets nobody be called Your Secret Santa, however it is written', async () => {
    for (const name of [
      'Your Secret Santa',
      ' your  SECRET santa',
      'Your\u00a0Secret Santa',
      'Ｙour Secret Santa',
      // What nobody sees, marks, signs, and letters that look the same.
      'Your Secret Santa\u200d',
      'Your Secret Santa\ufe0f',
      'Your-Secret-Santa.',
      'Ẏour Sécret Santa',
      'Yоur Secret Santa',
      'Yoυr Secret Sаntа',
      'ʏᴏᴜʀ sᴇᴄʀᴇᴛ sᴀɴᴛᴀ',
      'Y0ur 5ecret Santa',
    ]) {
      const body = { name, email: `${randomUUID()}@people.test`, password: PASSWORD };
      const { status, text } = await call(server.url, 'POST', '/api/users', { body });
      expect([status, v.parse(v.object({ message: v.string() }), JSON.parse(text)).message], name).toEqual([
        400,
        'This name is taken by the app. Please choose another one.',
      ]);
    }
    for (const name of [
      ...['Gw\u202een', 'G\u0000wen', 'Gwen\u200b', '\u2066Gwen', 'Gw\u3164en', 'Gwen\u{e0041}'],
      ...['\u2800', '\u200d', '\ufe0f\u200c', '\ud800'],
    ]) {
      const body = { name, email: `${randomUUID()}@people.test`, password: PASSWORD };
      expect((await call(server.url, 'POST', '/api/users', { body })).status, name).toBe(400);
    }
    for (const name of ['Zoë 👩‍🎄 O’Neil', 'علی\u200cرضا', 'Secret Santa', 'Юра', '聖誕老人']) {
      const body = { name, email: `${randomUUID()}@people.test`, password: PASSWORD };
      const { status, text } = await call(server.url, 'POST', '/api/users', { body });
      expect([status, JSON.parse(text).user?.name], name).toEqual([201, name]);
    }
  });

  it('counts for each sender apart: one who is held back holds back nobody else', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const [onGiver, onRecipient] = await Promise.all([giver.connect(), recipient.connect()]);
    for (let times = 0; times < 45; times++) onGiver.send({ type: 'TYPING', conversationId });
    onRecipient.send({ type: 'SEND_MESSAGE', conversationId, text: 'Still here', key: randomUUID() });
    await onGiver.next('NEW_MESSAGE', ({ payload }) => (payload as { text: string }).text === 'Still here');
    expect(onRecipient.frames.filter(({ type }) => type === 'COMMAND_REJECTED')).toEqual([]);
  });
});
