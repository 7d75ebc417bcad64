import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startSession } from '../../../app/server/accounts/sessions.ts';
import { addUser } from '../../../app/server/accounts/users.ts';
import { openDatabase } from '../../../app/server/database/open-database.ts';
import { createHttpApp } from '../../../app/server/http/http-app.ts';
import { createHttpServer, REQUEST_PATIENCE } from '../../../app/server/http/http-server.ts';
import { Refusal } from '../../../app/server/refusal.ts';
import type { Publisher } from '../../../app/server/socket/announcements.ts';
import { bareServices } from './support/bare-services.ts';

/** The HTTP side with passwords that cost nothing, and a gateway that fails where a test says so. */
const start = async () => {
  const db = await openDatabase(':memory:');
  onTestFinished(() => db.destroy());
  const world = { address: '1.2.3.4', isRight: false, isBusy: false, publishFails: false };
  const disconnectUser = vi.fn();
  const log = vi.fn();
  const publish = vi.fn<Publisher['publish']>(async () => {
    if (world.publishFails) throw new Error('no log');
  });
  const app = createHttpApp(
    {
      ...bareServices(db, { publish, log }),
      gateway: { disconnectUser },
      passwords: {
        hash: async () => 'salt.key',
        verify: async () => {
          if (world.isBusy) throw new Refusal('busy', 'Busy.', 3_000);
          return world.isRight;
        },
        close: vi.fn(),
      },
      addressOf: () => world.address,
    },
    {},
  );
  const ask = async (
    method: string,
    path: string,
    { body, token, type = 'application/json' }: { body?: unknown; token?: string; type?: string } = {},
  ) => {
    const incoming = new IncomingMessage(new Socket());
    const answer = await app.request(
      path,
      {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': type }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
      { incoming },
    );
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  };
  const person = async (name: string) => {
    const email = `${name.toLowerCase()}@people.test`;
    const user = await addUser(db, { name, email, passwordHash: 'salt.key' });
    return { ...user, token: (await startSession(db, user.id)).accessToken };
  };
  return { db, world, ask, person, publish, disconnectUser, log };
};

describe('signing up', () => {
  it('is let in a hundred times an hour from one address, and as often from the next', async () => {
    const { ask, world } = await start();
    const signUp = async (n: number) =>
      ask('POST', '/api/users', {
        body: { name: 'Eve', email: `${n}@people.test`, password: 'long enough' },
      });
    for (let n = 0; n < 100; n++) expect((await signUp(n)).status).toBe(201);
    const refused = await signUp(100);
    expect(refused.status).toBe(429);
    // From the first of the hundred on, and they take their time.
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3_600);
    world.address = '1.2.3.5';
    expect((await signUp(100)).status).toBe(201);
  });

  it('asks for a name of 60 letters, an address of 200, and a password of 8 to 200, at most', async () => {
    const { ask } = await start();
    const fine = { name: 'n'.repeat(60), email: `${'e'.repeat(187)}@people.test`, password: 'p'.repeat(200) };
    expect((await ask('POST', '/api/users', { body: fine })).status).toBe(201);
    for (const wrong of [
      ...[{ name: 'n'.repeat(61) }, { name: ' ' }, { name: 7 }, { email: `${'e'.repeat(189)}@people.test` }],
      ...[{ email: 'nobody' }, { email: 'a@b' }, { password: 'seven77' }, { password: 'p'.repeat(201) }],
    ])
      expect(
        (await ask('POST', '/api/users', { body: { ...fine, ...wrong } })).status,
        JSON.stringify(wrong),
      ).toBe(400);
  });
});

describe('signing in', () => {
  const at = { email: 'eve@people.test', password: 'guess' };

  it('counts wrong passwords by the address they come from, and forgets them with the right one', async () => {
    const { ask, world, person } = await start();
    await person('Eve');
    const signIn = async () => (await ask('POST', '/api/session', { body: at })).status;
    for (let times = 0; times < 9; times++) expect(await signIn()).toBe(401);
    world.isRight = true;
    expect(await signIn()).toBe(200);
    world.isRight = false;
    for (let times = 0; times < 10; times++) expect(await signIn()).toBe(401);
    world.isRight = true;
    expect(await signIn()).toBe(429);
    world.address = '1.2.3.5';
    expect(await signIn()).toBe(200);
  });

  it('takes a password of 1 to 200 letters, whatever its account has', async () => {
    const { ask, world, person } = await start();
    await person('Eve');
    world.isRight = true;
    const statusOf = async (password: unknown) =>
      (await ask('POST', '/api/session', { body: { ...at, password } })).status;
    for (const password of ['p', 'p'.repeat(200)]) expect(await statusOf(password)).toBe(200);
    for (const password of ['', 'p'.repeat(201), null, ['p']]) expect(await statusOf(password)).toBe(400);
  });

  it('does not count a password that nobody looked at', async () => {
    const { ask, world, person } = await start();
    await person('Eve');
    world.isBusy = true;
    for (let times = 0; times < 30; times++) {
      const { status, headers } = await ask('POST', '/api/session', { body: at });
      expect([status, headers.get('retry-after')]).toEqual([503, '3']);
    }
    world.isBusy = false;
    world.isRight = true;
    expect((await ask('POST', '/api/session', { body: at })).status).toBe(200);
  });
});

describe('signing out', () => {
  it('closes the sockets of a person when the last session is over, and not before', async () => {
    const { db, ask, person, disconnectUser } = await start();
    const eve = await person('Eve');
    const { accessToken } = await startSession(db, eve.id);
    expect((await ask('DELETE', '/api/session', { token: eve.token })).status).toBe(204);
    expect(disconnectUser).not.toHaveBeenCalled();
    expect((await ask('DELETE', '/api/session', { token: accessToken })).status).toBe(204);
    expect(disconnectUser.mock.calls).toEqual([[eve.id, 4401, 'signed out']]);
  });

  it('everywhere ends every session before it closes the sockets', async () => {
    const { db, ask, person, disconnectUser } = await start();
    const eve = await person('Eve');
    await startSession(db, eve.id);
    const left: unknown[] = [];
    disconnectUser.mockImplementation(async () => {
      left.push(...(await db.selectFrom('sessions').selectAll().execute()));
    });
    expect((await ask('DELETE', '/api/sessions', { token: eve.token })).status).toBe(204);
    expect(disconnectUser).toHaveBeenCalledTimes(1);
    expect(left).toEqual([]);
  });
});

describe('a body', () => {
  it('is JSON of at most 16 kB, and what its schema makes of it', async () => {
    const { ask, person } = await start();
    const { token } = await person('Eve');
    const make = (body: unknown, type?: string) =>
      ask('POST', '/api/groups', { token, body, ...(type === undefined ? {} : { type }) });
    const padded = (length: number) => {
      const body = JSON.stringify({ name: 'Fine', pad: '' });
      return JSON.stringify({ name: 'Fine', pad: 'x'.repeat(length - body.length) });
    };
    expect((await make(padded(16 * 1024))).status).toBe(201);
    expect((await make(padded(16 * 1024 + 1))).status).toBe(413);
    expect((await make({ name: '  Trimmed  ' })).body).toMatchObject({ name: 'Trimmed' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await make({ name: 'Forged' }, type)).body.message, type).toBe('The request must be JSON.');
    expect((await make('{"name":')).body.message).toBe('The request is not valid JSON.');
    for (const odd of [null, [], 7, 'text', { name: null }, { name: ['x'] }])
      expect((await make(JSON.stringify(odd))).status, JSON.stringify(odd)).toBe(400);
  });
});

describe('a change that cannot be announced', () => {
  it('has happened all the same, and its sender hears so', async () => {
    const { ask, person, world, publish, log } = await start();
    const people = [
      await person('Anna'),
      await person('Bert'),
      await person('Cleo'),
      await person('Dora'),
    ] as const;
    const [anna, bert, cleo, dora] = people;
    world.publishFails = true;
    const { body: group } = await ask('POST', '/api/groups', { token: anna.token, body: { name: 'Winter' } });
    for (const [other, what] of [
      [bert, 'accept'],
      [cleo, 'accept'],
      [dora, 'decline'],
    ] as const) {
      const invited = await ask('POST', `/api/groups/${group.id}/invitations`, {
        token: anna.token,
        body: { email: other.email },
      });
      expect(invited.status).toBe(201);
      const settled = await ask('POST', `/api/invitations/${invited.body.id}/${what}`, {
        token: other.token,
      });
      expect(settled.status).toBe(what === 'accept' ? 200 : 204);
    }
    const drawn = await ask('POST', `/api/groups/${group.id}/raffle`, { token: anna.token });
    expect([drawn.status, typeof drawn.body.drawnAt]).toEqual([200, 'number']);
    expect(publish).toHaveBeenCalled();
    expect(log).toHaveBeenCalled();
  });

  it('is told to whom it concerns: the invited, the owner, and at a join every member', async () => {
    const { ask, person, publish } = await start();
    const people = [await person('Anna'), await person('Bert'), await person('Cleo')] as const;
    const [anna, bert, cleo] = people;
    const { body: group } = await ask('POST', '/api/groups', { token: anna.token, body: { name: 'Winter' } });
    const heard = () => {
      const calls = [...publish.mock.calls];
      publish.mockClear();
      return calls.map(
        ([to, { type }]) => `${type} ${to.map((id) => people.find((one) => one.id === id)?.name).toSorted()}`,
      );
    };
    const invite = async (email: string) =>
      (await ask('POST', `/api/groups/${group.id}/invitations`, { token: anna.token, body: { email } })).body
        .id;
    const first = await invite(bert.email);
    expect(heard()).toEqual(['INVITATION_RECEIVED Bert', 'GROUP_UPDATED Anna']);
    await ask('POST', `/api/invitations/${first}/accept`, { token: bert.token });
    expect(heard()).toEqual(['GROUP_UPDATED Anna,Bert']);
    const second = await invite(cleo.email);
    expect(heard()).toEqual(['INVITATION_RECEIVED Cleo', 'GROUP_UPDATED Anna']);
    await ask('POST', `/api/invitations/${second}/decline`, { token: cleo.token });
    expect(heard()).toEqual(['GROUP_UPDATED Anna']);
    await invite('nobody@people.test');
    expect(heard()).toEqual(['GROUP_UPDATED Anna']);
  });
});

describe('a response', () => {
  it('has every security header, and the policy of a picture is its own', async () => {
    const { ask } = await start();
    const { headers } = await ask('GET', '/api/groups');
    expect(
      Object.fromEntries([...headers].filter(([name]) => /^(?:x-|cross-|referrer|cache)/.test(name))),
    ).toEqual({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'self'",
      "connect-src 'self'",
      "img-src 'self' blob:",
      "style-src 'self' 'unsafe-inline'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
  });
});

describe('the server', () => {
  it('has bounds for the time of a request, and for connections in all', () => {
    const { server } = createHttpServer();
    expect(server.maxConnections).toBe(12_000);
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 12_000]);
    // Node looks every so often: half a request is gone by then.
    expect(REQUEST_PATIENCE.requestTimeout + REQUEST_PATIENCE.connectionsCheckingInterval).toBeLessThan(
      15_000,
    );
  });
});
