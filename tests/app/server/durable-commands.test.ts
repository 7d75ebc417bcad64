import { randomUUID } from 'node:crypto';
import type { WireMessage } from 'statesocket';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ChatMessage } from '../../../app/contract/http-api.ts';
import { ServerMessage } from '../../../app/contract/socket-messages.ts';
import { createCommandHandler } from '../../../app/server/socket/commands.ts';
import { drawnGroup, type Person, sharedPeople } from './support/person.ts';
import { rowsAt, sharedServer } from './support/test-server.ts';
import { openSocket, type TestSocket } from './support/test-socket.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris');
const drawn = () => drawnGroup(people.Gwen, people.Hugo, people.Iris);
/** A socket of the delivery extension, without a cursor. */
const connect = (person: Person) =>
  openSocket(server.url, person.token, {}, { first: { type: 'RESUME', after: null } });
const messagesOf = (person: Person, conversationId: string) =>
  person.get(v.array(ChatMessage), 'GET', `/api/conversations/${conversationId}/messages`);
const received = (socket: TestSocket) => socket.frames.filter(({ type }) => type === 'NEW_MESSAGE');

describe('a message that is sent as a durable command', () => {
  it('has the key of the command, and is one message however often and wherever it is sent (I3)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const onRecipient = await connect(recipient);
    const command = {
      type: 'SEND_MESSAGE',
      conversationId,
      text: 'Do you like tea?',
      clientId: randomUUID(),
      n: 1,
      key: randomUUID(),
    };
    for (let times = 0; times < 3; times++) {
      const onGiver = await connect(giver);
      onGiver.send(command);
      onGiver.send(command);
      expect(await onGiver.next('RECEIPT')).toEqual({
        type: 'RECEIPT',
        clientId: command.clientId,
        n: 1,
        rejected: [],
      });
      await onGiver.close();
    }
    const onGiver = await connect(giver);
    const key = randomUUID();
    onGiver.send({ ...command, n: 2, key, text: 'And coffee?' });
    const echo = await onGiver.next(
      'NEW_MESSAGE',
      ({ payload }) => v.parse(ChatMessage, payload).text === 'And coffee?',
    );
    expect(echo).toMatchObject({ sender: 'Gwen', payload: { mine: true, key } });
    await onRecipient.next(
      'NEW_MESSAGE',
      ({ payload }) => v.parse(ChatMessage, payload).text === 'And coffee?',
    );
    for (const frame of received(onRecipient)) {
      expect(v.safeParse(ServerMessage, frame).issues).toBeUndefined();
      expect(frame).not.toHaveProperty('key');
    }
    expect(received(onRecipient)).toHaveLength(2);
    expect((await messagesOf(recipient, conversationId)).map(({ text }) => text)).toEqual([
      'Do you like tea?',
      'And coffee?',
    ]);
  });

  it('is rejected by its receipt, not by a message, and the reason is a word', async () => {
    const { giver, other, conversationId } = await drawn();
    const onOther = await connect(other);
    const clientId = randomUUID();
    const send = (n: number, text: string, key: string = randomUUID()) =>
      onOther.send({ type: 'SEND_MESSAGE', conversationId, text, clientId, n, key });
    send(1, 'Let me in');
    send(2, '');
    send(3, 'No uuid', 'mine');
    onOther.send({ type: 'NONSENSE', clientId, n: 4, key: randomUUID() });
    expect(await onOther.next('RECEIPT', ({ n }) => n === 4)).toMatchObject({
      rejected: [
        { n: 1, code: 'not-found' },
        { n: 2, code: 'bad-request' },
        { n: 3, code: 'bad-request' },
        { n: 4, code: 'bad-request' },
      ],
    });
    expect(onOther.frames.filter(({ type }) => type === 'COMMAND_REJECTED')).toEqual([]);
    expect(await messagesOf(giver, conversationId)).toEqual([]);
  });

  it('in one frame with others has its effect in their order', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const onRecipient = await connect(recipient);
    const clientId = randomUUID();
    const onGiver = await connect(giver);
    onGiver.send(
      ['One', 'Two', 'Three'].map((text, at) => ({
        type: 'SEND_MESSAGE',
        conversationId,
        text,
        clientId,
        n: 5 + at,
        key: randomUUID(),
      })),
    );
    await onGiver.next('RECEIPT', ({ n }) => n === 7);
    await onRecipient.next('NEW_MESSAGE', ({ payload }) => v.parse(ChatMessage, payload).text === 'Three');
    expect(received(onRecipient).map(({ payload }) => v.parse(ChatMessage, payload).text)).toEqual([
      'One',
      'Two',
      'Three',
    ]);
  });
});

describe('a message that is handled twice', () => {
  it('since the server crashed before its verdict was kept, is one message in the history (I3)', async () => {
    const { giver, conversationId } = await drawn();
    const db = await rowsAt(server.dataDir);
    onTestFinished(() => db.destroy());
    const handle = createCommandHandler(db, vi.fn());
    const key = randomUUID();
    const published: string[] = [];
    const context = {
      userId: giver.id,
      connectionId: '1',
      key,
      publish: (userIds: readonly string[], message: WireMessage) => {
        published.push(`${userIds} ${JSON.stringify(message)}`);
      },
      publishVolatile: vi.fn(),
      publishBinary: vi.fn(),
      reply: vi.fn(),
      reject: vi.fn(),
    };
    const message = { type: 'SEND_MESSAGE', conversationId, text: 'Only once' };
    await handle({ kind: 'message', message }, context);
    await handle({ kind: 'message', message }, context);
    expect(await messagesOf(giver, conversationId)).toMatchObject([{ text: 'Only once', key }]);
    // Both times the same is said to the same people, so whichever outcome counts is right.
    expect(published).toHaveLength(4);
    expect(published.slice(2)).toEqual(published.slice(0, 2));
  });
});

describe('a recipient who was away', () => {
  it('gets what came meanwhile after their cursor, each once, in order (I4, I5)', async () => {
    const { giver, recipient, conversationId } = await drawn();
    const first = await connect(recipient);
    const onGiver = await connect(giver);
    const say = (n: number) =>
      onGiver.send({
        type: 'SEND_MESSAGE',
        conversationId,
        text: `${n}`,
        clientId: 'page',
        n: Date.now() * 1_000 + n,
        key: randomUUID(),
      });
    say(1);
    const { id: cursor } = await first.next('NEW_MESSAGE');
    await first.close();
    for (let n = 2; n <= 40; n++) say(n);
    await onGiver.next(
      'RECEIPT',
      () => onGiver.frames.filter(({ type }) => type === 'RECEIPT').length === 40,
    );
    const second = await openSocket(
      server.url,
      recipient.token,
      {},
      { first: { type: 'RESUME', after: cursor } },
    );
    const acknowledge = async (text: string) => {
      const { id } = await second.next(
        'NEW_MESSAGE',
        ({ payload }) => v.parse(ChatMessage, payload).text === text,
      );
      second.send({ type: 'ACK', messageId: id });
    };
    expect(await second.next('RESUMED')).toMatchObject({ ok: true });
    await acknowledge('33'); // the end of the first window
    await acknowledge('40');
    expect(received(second).map(({ payload }) => v.parse(ChatMessage, payload).text)).toEqual(
      Array.from({ length: 39 }, (_, at) => `${at + 2}`),
    );
    expect(received(second).map(({ prev }) => prev)).toEqual([
      cursor,
      ...received(second)
        .map(({ id }) => id)
        .slice(0, -1),
    ]);
  });
});
