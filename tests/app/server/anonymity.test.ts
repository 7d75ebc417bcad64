import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { encodeImageFrame } from '../../../app/contract/image-frame.ts';
import {
  call,
  conversationOf,
  conversationsOf,
  groupOf,
  type Person,
  sharedPeople,
} from './support/person.ts';
import { sharedServer } from './support/test-server.ts';
import type { TestSocket } from './support/test-socket.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Olaf', 'Quentin', 'Roswitha', 'Ulrike');
/** An image whose file names its owner, as photographs do. */
const gifOf = ({ name, email }: Person): Uint8Array => {
  const owner = `${name} <${email}>`;
  const comment = `\x21\xfe${String.fromCharCode(owner.length)}${owner}\x00`;
  return new Uint8Array(Buffer.from(`GIF89a\x01\x00\x01\x00\x00\x00\x00${comment};`, 'latin1'));
};

/** JSON without the lists of members, the one place where every member's name and id belong. */
const withoutMembers = (text: string): string =>
  text.startsWith('{') || text.startsWith('[')
    ? JSON.stringify(JSON.parse(text), (name, value) => (name === 'members' ? undefined : value))
    : text;

/** A pair of which neither owns the group, and the giver's name is not among those the recipient may know. */
const pairIn = async (groupId: string) => {
  const candidates = [people.Quentin, people.Roswitha, people.Ulrike];
  for (const giver of candidates) {
    const { partnerId } = await conversationOf(giver, groupId, 'giver');
    const recipient = candidates.find(({ id }) => id === partnerId);
    if (recipient !== undefined) return { giver, recipient };
  }
  throw new Error('A cycle of four has such a pair.');
};

const talk = async (person: Person, socket: TestSocket, conversationId: string) => {
  socket.send({ type: 'TYPING', conversationId });
  const key = randomUUID();
  socket.send({ type: 'SEND_MESSAGE', conversationId, text: 'Hello', key });
  socket.send({ type: 'SEND_MESSAGE', conversationId, text: 'Hello', key });
  socket.sendRaw(encodeImageFrame({ conversationId, key: randomUUID(), mime: 'image/gif' }, gifOf(person)));
  socket.send({ type: 'SEND_MESSAGE', conversationId, text: '', key: randomUUID() });
  await socket.next('COMMAND_REJECTED');
  await person.call('POST', `/api/conversations/${conversationId}/read`);
};

const readEverything = async (person: Person) => {
  for (const path of ['session', 'groups', 'invitations', 'conversations'])
    await person.call('GET', `/api/${path}`);
  for (const { id, groupId } of await conversationsOf(person)) {
    await person.call('GET', `/api/groups/${groupId}`);
    const { text } = await person.call('GET', `/api/conversations/${id}/messages`);
    for (const { imageId } of JSON.parse(text) as { imageId: string | null }[]) {
      if (imageId !== null) {
        const { text: bytes, headers } = await call(server.url, 'GET', `/api/images/${imageId}`, {
          token: person.token,
        });
        person.answers.push(bytes, JSON.stringify([...headers]));
      }
    }
  }
};

it('never lets the recipient see the id, name, address or presence of the giver, in any frame or answer (I14)', async () => {
  const group = await groupOf('Winter', people.Olaf, people.Quentin, people.Roswitha, people.Ulrike);
  const everyone = Object.values(people);
  const early = await Promise.all(everyone.map((person) => person.connect()));
  const earlyOf = (person: Person) => early[everyone.indexOf(person)];
  await people.Olaf.call('POST', `/api/groups/${group.id}/raffle`);
  const { giver, recipient } = await pairIn(group.id);
  const { id: conversationId } = await conversationOf(giver, group.id, 'giver');
  for (const socket of early) await socket.next('RAFFLE_COMPLETE');

  // The giver goes offline, which those who may see it are told, and comes back while the recipient is there.
  const onRecipient = await recipient.connect();
  await earlyOf(giver)?.close();
  const others = early.filter((socket) => socket !== earlyOf(giver));
  const gone = (socket: TestSocket) => socket.next('USER_OFFLINE', ({ userId }) => userId === giver.id);
  await Promise.any(others.map(gone));
  const onGiver = await giver.connect();
  await talk(giver, onGiver, conversationId);
  await talk(recipient, onRecipient, conversationId);
  const asGiver = (await conversationOf(recipient, group.id, 'giver')).id;
  await talk(recipient, onRecipient, asGiver);
  await readEverything(recipient);
  await readEverything(giver);
  await onGiver.close();
  const onGiverAgain = await giver.connect();
  await talk(giver, onGiverAgain, conversationId);
  await readEverything(recipient);

  const sockets = [onRecipient, earlyOf(recipient)];
  const frames = sockets.flatMap((socket) => socket?.texts ?? []);
  const binaries = sockets.flatMap(
    (socket) => socket?.binaries.map((bytes) => Buffer.from(bytes).toString('latin1')) ?? [],
  );
  const received = [...frames, ...binaries, ...recipient.answers].map(withoutMembers).join('\n');
  // The scenario did bring the giver's words, image and typing across.
  expect(received).toContain('Your Secret Santa');
  expect(received).toContain('GIF89a');
  expect(frames.join()).toContain('TYPING');
  for (const secret of [giver.id, giver.name, giver.email]) expect(received).not.toContain(secret);

  // The same search does find what a giver may see, so it would find a leak.
  const seenByGiver = [...giver.answers, ...onGiver.texts, ...onGiverAgain.texts]
    .map(withoutMembers)
    .join('\n');
  expect(seenByGiver).toContain(recipient.name);
  expect(await onGiverAgain.next('USER_ONLINE')).toEqual({ type: 'USER_ONLINE', userId: recipient.id });
});
