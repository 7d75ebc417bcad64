/** RednGift on three servers over one Postgres, each a process of its own, behind nginx: `npm run cluster` starts the same. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { encodeImageFrame } from '../../app/contract/image-frame.ts';
import { type Cluster, startCluster } from '../../scripts/start-cluster.mjs';
import { call, conversationsOf, type Person, signIn } from '../app/server/support/person.ts';
import { openSocket, ticketOf } from '../app/server/support/test-socket.ts';
import { openClient, startTalk } from './support/chat-load.ts';
import { query } from './support/databases.ts';

const DIALS_PER_SECOND = 10;
/** `fail_timeout` of docs/operations.md, and a little more. */
const FAIL_TIMEOUT_MS = 5_500;
const PEOPLE = ['ada', 'ben', 'cleo', 'dan'] as const;

let cluster: Cluster;
let people: Readonly<Record<(typeof PEOPLE)[number], Person>>;

beforeAll(async () => {
  cluster = await startCluster({
    postgresTemplate: inject('postgresTemplate'),
    env: { DRAIN_MS: '10000', DRAIN_DIALS_PER_SECOND: String(DIALS_PER_SECOND), DEMO_DATA: 'on' },
  });
  const [ada, ben, cleo, dan] = await Promise.all(
    PEOPLE.map((name, at) => signIn(urlOf(at), `${name}@demo.test`, 'demo-secret')),
  );
  if (!(ada && ben && cleo && dan)) throw new Error('Somebody is missing.');
  people = { ada, ben, cleo, dan };
});
afterAll(() => cluster?.close());

const urlOf = (at: number) => cluster.nodes[at % cluster.nodes.length]?.url ?? '';
/** A socket at one of the servers, which need not be the one that the person signed in at. */
const socketAt = (at: number, person: Person) => openSocket(urlOf(at), person.token);
const officeOf = async (person: Person, role: 'giver' | 'recipient') => {
  const found = (await conversationsOf(person)).find(
    (one) => one.groupName === 'Office party' && one.role === role,
  );
  if (found === undefined) throw new Error('There is no such conversation.');
  return found;
};
const gif = Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1');

describe('RednGift on three servers', () => {
  it('that started at once made its tables and its demo people once', async () => {
    for (const person of Object.values(people)) expect(await conversationsOf(person)).toHaveLength(2);
    for (const node of cluster.nodes) expect(node.output()).not.toContain('"level":50');
  });

  it('carries a chat between people at different servers: presence, typing, text and a picture', async () => {
    const { ada, ben } = people;
    const onAda = await socketAt(0, ada);
    const onBen = await socketAt(1, ben);
    expect(await onAda.next('USER_ONLINE')).toMatchObject({ userId: ben.id });
    const { id: conversationId } = await officeOf(ada, 'giver');
    onBen.send({ type: 'TYPING', conversationId });
    expect(await onAda.next('TYPING')).toMatchObject({ conversationId });
    const key = randomUUID();
    onAda.send({ type: 'SEND_MESSAGE', conversationId, text: 'Tea or coffee?', key });
    expect(await onBen.next('NEW_MESSAGE')).toMatchObject({
      sender: 'Your Secret Santa',
      payload: { text: 'Tea or coffee?', mine: false, key: null },
    });
    expect(await onAda.next('NEW_MESSAGE')).toMatchObject({ payload: { mine: true, key } });
    onBen.sendRaw(encodeImageFrame({ conversationId, key: randomUUID(), mime: 'image/gif' }, gif));
    const shown = await onAda.next('NEW_MESSAGE', ({ payload }) =>
      v.is(v.object({ imageId: v.string() }), payload),
    );
    expect(Buffer.from(await onAda.nextBinary()).subarray(-gif.length)).toEqual(gif);
    // It is in the database: whichever server is asked has it.
    const { imageId } = shown.payload as { imageId: string };
    expect((await call(urlOf(2), 'GET', `/api/images/${imageId}`, { token: ada.token })).status).toBe(200);
    await onBen.close();
    expect(await onAda.next('USER_OFFLINE')).toMatchObject({ userId: ben.id });
    await onAda.close();
  });

  it('tells a group at all servers of what changes at one, and draws a raffle once for two who draw at once', async () => {
    const { ada, ben, cleo, dan } = people;
    const sockets = await Promise.all([ada, cleo, dan].map((person, at) => socketAt(at, person)));
    const [onAda, ...others] = sockets;
    const [invitation] = JSON.parse(
      (await call(urlOf(2), 'GET', '/api/invitations', { token: ben.token })).text,
    );
    expect(
      (await call(urlOf(1), 'POST', `/api/invitations/${invitation.id}/accept`, { token: ben.token })).status,
    ).toBe(200);
    for (const socket of sockets)
      expect(await socket.next('GROUP_UPDATED')).toMatchObject({ groupId: invitation.groupId });
    const draws = await Promise.all(
      cluster.nodes.flatMap(({ url }) =>
        [1, 2].map(() => call(url, 'POST', `/api/groups/${invitation.groupId}/raffle`, { token: ada.token })),
      ),
    );
    expect(draws.map(({ status }) => status)).toEqual(draws.map(() => 200));
    for (const socket of [onAda, ...others]) await socket?.next('RAFFLE_COMPLETE');
    for (const person of Object.values(people))
      expect(
        (await conversationsOf(person)).filter(({ groupName }) => groupName === 'Book club'),
      ).toHaveLength(2);
    // Whatever a second draw would have said comes before this.
    const { id: conversationId } = await officeOf(dan, 'giver');
    others[1]?.send({ type: 'SEND_MESSAGE', conversationId, text: 'last', key: randomUUID() });
    await onAda?.next('NEW_MESSAGE', ({ payload }) => v.is(v.object({ text: v.literal('last') }), payload));
    for (const { frames, close } of sockets) {
      expect(frames.filter(({ type }) => type === 'RAFFLE_COMPLETE')).toHaveLength(1);
      await close();
    }
  });

  it('signs out everywhere at every server', async () => {
    const dan = await signIn(urlOf(0), 'dan@demo.test', 'demo-secret');
    const { ada } = people;
    const sockets = await Promise.all([0, 1, 2].map((at) => socketAt(at, dan)));
    const onAda = await socketAt(1, ada);
    expect((await call(urlOf(1), 'DELETE', '/api/sessions', { token: dan.token })).status).toBe(204);
    for (const { closed } of sockets) expect((await closed).code).toBe(4401);
    for (const { url } of cluster.nodes)
      expect((await call(url, 'GET', '/api/session', { token: dan.token })).status).toBe(401);
    onAda.send({ type: 'NONSENSE', key: 'k' });
    expect(await onAda.next('COMMAND_REJECTED')).toBeDefined();
    await onAda.close();
    people = { ...people, dan: await signIn(urlOf(2), 'dan@demo.test', 'demo-secret') };
  });

  it('takes a ticket of one server at another, once', async () => {
    const ticket = await ticketOf(urlOf(0), people.ada.token);
    const dial = (at: number) => {
      const socket = new WebSocket(`${urlOf(at).replace('http', 'ws')}/connect/${ticket}/`);
      return new Promise<number | 'open'>((resolve) => {
        socket.onclose = ({ code }) => resolve(code);
        socket.onopen = () => socket.send('[{"type":"NONSENSE"}]');
        socket.onmessage = ({ data }) => {
          if (!String(data).includes('COMMAND_REJECTED')) return;
          resolve('open');
          socket.close();
        };
      });
    };
    const outcomes = await Promise.all([dial(1), dial(2), dial(0)]);
    expect(outcomes.filter((outcome) => outcome === 'open')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 4401)).toHaveLength(2);
  });

  it('counts wrong passwords for all servers together', async () => {
    const guess = async (at: number) =>
      (await call(urlOf(at), 'POST', '/api/session', { body: { email: 'ben@demo.test', password: 'guess' } }))
        .status;
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) statuses.push(await guess(attempt));
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    await expect(signIn(urlOf(1), 'cleo@demo.test', 'demo-secret')).resolves.toBeDefined();
  });
});

const talk = async () => {
  const clients = Object.values(people).map((person) => openClient(cluster.url, person));
  await Promise.all(clients.map((client) => client.opens()));
  return { clients, chat: await startTalk(clients, 100) };
};

describe('RednGift under load, on three servers', () => {
  it('loses and doubles nothing when a server is killed (kill -9)', async () => {
    const { clients, chat } = await talk();
    await chat.goesOn(10);
    const [one, two] = cluster.nodes;
    expect(await one?.stop('SIGKILL')).toBe('SIGKILL');
    await chat.goesOn(10);
    // Two of three: whatever nginx asks first, it gets to the third.
    expect(await two?.stop('SIGKILL')).toBe('SIGKILL');
    for (let time = 0; time < 6; time += 1) expect((await fetch(cluster.url)).status).toBe(200);
    await chat.goesOn(5);
    await Promise.all([one?.start(), two?.start()]);
    await chat.goesOn(5);
    expect(await chat.end()).toBeGreaterThan(100);
    expect(clients.flatMap(({ closes }) => closes).some(({ code }) => code === 1006)).toBe(true);
    // Everybody writes to somebody in a circle: transactions that lock in two orders would meet.
    const [row] = await query(
      cluster.postgres.url(),
      "select deadlocks::integer as count from pg_stat_database where datname = 'postgres'",
    );
    expect(row).toEqual({ count: 0 });
  });

  it('is restarted one server after the other: each message arrives once, and dials are spread', async () => {
    // Nginx asks those again that were away.
    await new Promise((resolve) => setTimeout(resolve, FAIL_TIMEOUT_MS));
    const { clients, chat } = await talk();
    const crowd = Object.values(people).flatMap((person) =>
      Array.from({ length: 9 }, () => openClient(cluster.url, person)),
    );
    const all = [...clients, ...crowd];
    await Promise.all(all.map((client) => client.opens()));
    for (const node of cluster.nodes) {
      for (const { closes } of all) closes.splice(0);
      expect(await node.stop('SIGTERM')).toBe(0);
      const atMs = all.flatMap(({ closes }) =>
        closes.filter(({ code }) => code === 1012).map((one) => one.atMs),
      );
      expect(atMs.length).toBeGreaterThan(3);
      // No faster than clients may dial elsewhere.
      const lastedMs = Math.max(...atMs) - Math.min(...atMs);
      expect(lastedMs).toBeGreaterThan(((atMs.length - 1) / DIALS_PER_SECOND) * 1_000 * 0.8);
      await node.start();
      await vi.waitFor(async () => expect(await node.isReady()).toBe(true));
      await Promise.all(all.map((client) => client.opens()));
      // Until then nginx leaves out who was away, and must not find the next one away as well.
      if (node !== cluster.nodes.at(-1)) await new Promise((resolve) => setTimeout(resolve, FAIL_TIMEOUT_MS));
    }
    expect(await chat.end()).toBeGreaterThan(100);
    // Nobody was refused on the way: one dial for each close, by whoever was moved.
    expect(
      all.flatMap(({ closes }) => closes.map(({ code }) => code)).filter((code) => code !== 1012),
    ).toEqual([]);
  });

  it('goes on when Postgres is restarted: what was said meanwhile arrives once', async () => {
    const { chat } = await talk();
    await chat.goesOn(5);
    await cluster.postgres.stop('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await cluster.postgres.start();
    await chat.goesOn(10);
    expect(await chat.end()).toBeGreaterThan(60);
  });
});
