import { join } from 'node:path';
import Sqlite from 'libsql';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { ApiError, Session, User } from '../../../app/contract/http-api.ts';
import { call, PASSWORD, signIn, signUp } from './support/person.ts';
import { sharedServer, startTestServer } from './support/test-server.ts';
import { openSocket } from './support/test-socket.ts';

const problem = (text: string) => v.parse(ApiError, JSON.parse(text));

const server = sharedServer();

describe('accounts', () => {
  it('signs up, in and out, and a token is good until then', async () => {
    const { url } = server;
    const eve = await signUp(url, 'Eve');
    const again = await signIn(url, ` ${eve.email.toUpperCase()} `, PASSWORD);
    expect(await again.get(User, 'GET', '/api/session')).toEqual({
      id: eve.id,
      name: 'Eve',
      email: eve.email,
    });
    expect(again.token).not.toBe(eve.token);
    expect((await again.call('DELETE', '/api/session')).status).toBe(204);
    expect((await again.call('GET', '/api/session')).status).toBe(401);
    expect((await eve.call('GET', '/api/session')).status).toBe(200);
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const { url } = server;
    const { email } = await signUp(url, 'Eve');
    const wrong = await call(url, 'POST', '/api/session', {
      body: { email, password: 'nonsense' },
    });
    const unknown = await call(url, 'POST', '/api/session', {
      body: { email: 'nobody@people.test', password: 'nonsense' },
    });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.text).toBe(unknown.text);
    expect(problem(wrong.text).error).toBe('unauthenticated');
  });

  it('refuses a second account for an address, a short password and a body that is no JSON', async () => {
    const { url } = server;
    const { email } = await signUp(url, 'Eve');
    const body = { name: 'Eve', email, password: PASSWORD };
    expect((await call(url, 'POST', '/api/users', { body })).status).toBe(409);
    const short = await call(url, 'POST', '/api/users', {
      body: { ...body, email: 'e@people.test', password: 'short' },
    });
    expect([short.status, problem(short.text).message]).toEqual([
      400,
      'The password needs at least 8 characters.',
    ]);
    const broken = await fetch(`${url}/api/users`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.status).toBe(400);
    const form = await fetch(`${url}/api/users`, { method: 'POST', body: JSON.stringify(body) });
    expect(form.status).toBe(400);
    expect(
      (await call(url, 'POST', '/api/users', { body: { ...body, name: 'x'.repeat(20_000) } })).status,
    ).toBe(413);
  });

  it('gives nobody the address of a demo user, whose password a restart would print', async () => {
    const body = { name: 'Eve', email: ' Ada@Demo.test', password: PASSWORD };
    const { status, text } = await call(server.url, 'POST', '/api/users', { body });
    expect([status, problem(text).message]).toEqual([409, 'This e-mail address already has an account.']);
  });

  it('slows down guessing: after ten failures even the right password has to wait', async () => {
    const { url } = server;
    const { email } = await signUp(url, 'Eve');
    const guess = (password: string) => call(url, 'POST', '/api/session', { body: { email, password } });
    const failures = await Promise.all(Array.from({ length: 10 }, (_, index) => guess(`guess ${index}`)));
    expect(failures.map(({ status }) => status)).toEqual(Array(10).fill(401));
    expect((await guess(PASSWORD)).status).toBe(429);
    expect((await signUp(url, 'Finn')).name).toBe('Finn');
  });

  it('keeps tokens and passwords only as hashes', async () => {
    const { url, dataDir, close } = await startTestServer();
    const eve = await signUp(url, 'Eve');
    await close();
    const db = new Sqlite(join(dataDir, 'redngift.sqlite'));
    const stored = JSON.stringify([
      db.prepare('select * from users').all(),
      db.prepare('select * from sessions').all(),
    ]);
    db.close();
    expect(stored).toContain(eve.email);
    expect(stored).not.toContain(eve.token);
    expect(stored).not.toContain(PASSWORD);
  });

  it('refuses an expired token over HTTP and on the socket', async () => {
    const { url, dataDir } = server;
    const eve = await signUp(url, 'Eve');
    const db = new Sqlite(join(dataDir, 'redngift.sqlite'));
    db.prepare('update sessions set expiresAt = ? where userId = ?').run(Date.now() - 1, eve.id);
    db.close();
    expect((await eve.call('GET', '/api/groups')).status).toBe(401);
    expect((await (await eve.connect()).closed).code).toBe(4401);
  });

  it('accepts and then closes with 4401 a socket without a valid token', async () => {
    const { url } = server;
    expect((await (await openSocket(url, 'no-such-token')).closed).code).toBe(4401);
  });

  it('closes the sockets of the last session at once when it signs out', async () => {
    const { url } = server;
    const eve = await signUp(url, 'Eve');
    const socket = await eve.connect();
    await eve.call('DELETE', '/api/session');
    expect((await socket.closed).code).toBe(4401);
  });

  it('closes only the sockets of the revoked token, within a heartbeat, when another session is left (I20)', async () => {
    const { url } = await startTestServer({ heartbeatMs: 100 });
    const phone = await signUp(url, 'Eve');
    const laptop = await signIn(url, phone.email, PASSWORD);
    const [onPhone, onLaptop] = await Promise.all([phone.connect(), laptop.connect()]);
    await phone.call('DELETE', '/api/session');
    expect((await onPhone.closed).code).toBe(4401);
    onLaptop.send({ type: 'TYPING', conversationId: 'none' });
    expect(await onLaptop.next('COMMAND_REJECTED')).toMatchObject({ key: null });
  });

  it('answers every call without a token with 401', async () => {
    const { url } = server;
    const calls = [
      'groups',
      'groups/1',
      'invitations',
      'conversations',
      'conversations/1/messages',
      'images/1',
      'session',
    ];
    for (const path of calls) expect((await call(url, 'GET', `/api/${path}`)).status, path).toBe(401);
    for (const path of ['groups', 'groups/1/raffle', 'invitations/1/accept', 'conversations/1/read']) {
      expect((await call(url, 'POST', `/api/${path}`, { body: {} })).status, path).toBe(401);
    }
  });

  it('gives a session that lasts 30 days', async () => {
    const { url } = server;
    const { email } = await signUp(url, 'Eve');
    const { text } = await call(url, 'POST', '/api/session', {
      body: { email, password: PASSWORD },
    });
    const { expiresAt, accessToken } = v.parse(Session, JSON.parse(text));
    const days = (expiresAt - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    expect(accessToken).toMatch(/^[\w-]{43}$/);
  });
});
