/** RednGift on two servers: its rows in Postgres, the logs of the gateway in Redis. */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startRedis } from '../../scripts/redis.mjs';
import { type Cluster, startCluster } from '../../scripts/start-cluster.mjs';
import { call, type Person, signIn } from '../app/server/support/person.ts';
import { openSocket } from '../app/server/support/test-socket.ts';
import { openClient, startTalk } from './support/chat-load.ts';
import { query } from './support/databases.ts';

let cluster: Cluster;
let people: readonly Person[];
const urlOf = (at: number) => cluster.nodes[at % 2]?.url ?? '';

beforeAll(async () => {
  cluster = await startCluster({
    nodeCount: 2,
    isBehindNginx: false,
    startRedis,
    postgresTemplate: inject('postgresTemplate'),
  });
  people = await Promise.all(
    ['ada', 'ben', 'cleo', 'dan'].map((name, at) => signIn(urlOf(at), `${name}@demo.test`, 'demo-secret')),
  );
});
afterAll(() => cluster?.close());

const announcements = () =>
  query(cluster.postgres.url(), 'select count(*)::integer as count from announcements');

describe('RednGift with its logs in Redis', () => {
  it('carries a chat between servers: each message once, in order', async () => {
    const clients = people.map((person, at) => openClient(urlOf(at), person));
    await Promise.all(clients.map((client) => client.opens()));
    const chat = await startTalk(clients, 100);
    await chat.goesOn(15);
    expect(await chat.end()).toBeGreaterThan(50);
    // No log is in Postgres.
    expect(
      await query(cluster.postgres.url(), "select from pg_namespace where nspname = 'statesocket'"),
    ).toEqual([]);
  });

  it('tells later what it cannot tell now: a change is committed with what is to be said of it', async () => {
    const [ada, , , dan] = people;
    if (ada === undefined || dan === undefined) throw new Error('Somebody is missing.');
    const onDan = await openSocket(urlOf(1), dan.token);
    const group = JSON.parse(
      (await call(urlOf(0), 'POST', '/api/groups', { token: ada.token, body: { name: 'Late' } })).text,
    );
    cluster.redis?.signal('SIGSTOP');
    const inviting = call(urlOf(0), 'POST', `/api/groups/${group.id}/invitations`, {
      token: ada.token,
      body: { email: dan.email },
    }).catch(() => null); // its server dies
    await vi.waitFor(async () => expect(await announcements()).toEqual([{ count: 2 }]), { timeout: 10_000 });
    // The server dies before it has told anybody; the other one does.
    await cluster.nodes[0]?.stop('SIGKILL');
    await inviting;
    cluster.redis?.signal('SIGCONT');
    expect(await onDan.next('INVITATION_RECEIVED')).toMatchObject({ invitation: { groupName: 'Late' } });
    await vi.waitFor(async () => expect(await announcements()).toEqual([{ count: 0 }]), { timeout: 20_000 });
    expect(onDan.frames.filter(({ type }) => type === 'INVITATION_RECEIVED')).toHaveLength(1);
    await onDan.close();
  });
});
