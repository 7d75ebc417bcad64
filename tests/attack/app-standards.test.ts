import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { ChatMessage, Group, Session } from '../../app/contract/http-api.ts';
import { encodeImageFrame } from '../../app/contract/image-frame.ts';
import { openDatabase } from '../../app/server/database/open-database.ts';
import { createHttpApp } from '../../app/server/http/http-app.ts';
import { bareServices } from '../app/server/support/bare-services.ts';
import { call, drawnGroup, PASSWORD, sharedPeople } from '../app/server/support/person.ts';
import { sharedServer } from '../app/server/support/test-server.ts';
import { ticketOf } from '../app/server/support/test-socket.ts';
import { handshake, rawPeer } from './support/raw-peer.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const server = sharedServer();
const people = sharedPeople(server, 'Gwen', 'Hugo', 'Iris');
const port = () => Number(new URL(server.url).port);

/** The app by itself, with a database that a test may break. */
const bareApp = async () => {
  const db = await openDatabase(':memory:');
  const log = vi.fn();
  const app = createHttpApp(bareServices(db, { log }), {});
  return { db, log, app };
};

/** The calls that the contract lists: `POST /api/users`. */
const listed = [
  ...readFileSync(join(root, 'app/contract/http-api.ts'), 'utf8').matchAll(
    /^ \* \| ([A-Z]+ \/api\/[^ ?]+)/gm,
  ),
].map(([, entry = '']) => entry);

describe('the API', () => {
  it('has the calls that its contract lists, and no other', async () => {
    const { app } = await bareApp();
    const routes = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect(listed.length).toBeGreaterThanOrEqual(18);
    expect([...new Set(routes)].toSorted()).toEqual(listed.toSorted());
  });

  it('does nothing for another method than the one that is listed, also for who is signed in', async () => {
    for (const path of new Set(listed.map((entry) => entry.split(' ')[1] ?? ''))) {
      const known = listed.filter((entry) => entry.endsWith(` ${path}`)).map((entry) => entry.split(' ')[0]);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((one) => !known.includes(one))) {
        const place = path.replace(':id', randomUUID());
        expect(
          (await people.Gwen.call(method, place, method === 'GET' ? undefined : {})).status,
          `${method} ${place}`,
        ).toBe(404);
        expect((await call(server.url, method, place)).status, `${method} ${place}`).toBe(401);
      }
    }
  });

  it('takes from a body what its schema names, and nothing else: no id, owner, date or sender', async () => {
    const other = people.Hugo.id;
    const account = await call(server.url, 'POST', '/api/users', {
      body: {
        ...{ id: other, userId: other, passwordHash: 'x', createdAt: 1, isAdmin: true },
        ...{ name: 'Extra', email: 'extra@people.test', password: PASSWORD },
      },
    });
    const { user } = v.parse(Session, JSON.parse(account.text));
    expect(user.id).not.toBe(other);
    const group = await people.Gwen.get(Group, 'POST', '/api/groups', {
      ...{ name: 'Extra', id: 'mine', ownerId: other, drawnAt: 1, createdAt: 1 },
      ...{ members: [{ userId: other, name: 'Hugo' }], invited: ['a@people.test'], __proto__: { x: 1 } },
    });
    expect(group).toEqual({
      ...{ id: expect.stringMatching(/^[\da-f-]{36}$/), name: 'Extra', ownerId: people.Gwen.id },
      ...{ members: [{ userId: people.Gwen.id, name: 'Gwen' }], invited: [], drawnAt: null },
    });
    const { giver, recipient, conversationId } = await drawnGroup(people.Gwen, people.Hugo, people.Iris);
    const onGiver = await giver.connect();
    const key = randomUUID();
    onGiver.send({
      ...{ type: 'SEND_MESSAGE', conversationId, text: 'Hello', key },
      ...{
        id: 'mine',
        senderId: recipient.id,
        userId: recipient.id,
        sentAt: 1,
        mine: false,
        imageId: 'x',
        role: 'recipient',
      },
    });
    const { payload, sender } = await onGiver.next('NEW_MESSAGE');
    expect(sender).toBe(giver.name);
    expect(v.parse(ChatMessage, payload)).toMatchObject({ mine: true, text: 'Hello', imageId: null, key });
    expect(v.parse(ChatMessage, payload).sentAt).toBeGreaterThan(1);
  });

  it('says of a failure of ours that there was one, without a cause or a stack, and logs it', async () => {
    const { db, app, log } = await bareApp();
    await db.schema.dropTable('sessions').execute();
    const answer = await app.request(
      '/api/session',
      { headers: { authorization: 'Bearer abc' } },
      { incoming: new IncomingMessage(new Socket()) },
    );
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { error: 'internal', message: 'Something went wrong on our side.' },
    ]);
    expect(String(log.mock.calls[0]?.[0])).toContain('no such table');
    await db.destroy();
  });

  it('keeps what looks like SQL, a script or a command as the text that it is', async () => {
    const { giver, recipient, conversationId } = await drawnGroup(people.Gwen, people.Hugo, people.Iris);
    const texts = [
      "'; drop table users; --",
      '" or 1=1 --',
      '<img src=x onerror=alert(1)>',
      '$(reboot) `reboot` {{7*7}}',
      '%00%0d%0aSet-Cookie: a=b',
    ];
    const onGiver = await giver.connect();
    for (const text of texts) onGiver.send({ type: 'SEND_MESSAGE', conversationId, text, key: randomUUID() });
    await onGiver.next('NEW_MESSAGE', ({ payload }) => v.parse(ChatMessage, payload).text === texts.at(-1));
    const path = `/api/conversations/${conversationId}/messages`;
    const messages = await recipient.get(v.array(ChatMessage), 'GET', path);
    expect(messages.map(({ text }) => text)).toEqual(texts);
    for (const text of texts) {
      expect((await giver.get(Group, 'POST', '/api/groups', { name: text })).name).toBe(text);
      const id = encodeURIComponent(text);
      for (const place of [
        `groups/${id}`,
        `images/${id}`,
        `conversations/${id}/messages`,
        `groups?after=${id}`,
      ])
        expect((await giver.call('GET', `/api/${place}`)).status, place).toBe(404);
    }
  });

  it('fetches nothing for anybody: the server has no client of its own', () => {
    const files = readdirSync(join(root, 'app/server'), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(40);
    for (const file of sources)
      expect(readFileSync(join(root, 'app/server', file), 'utf8'), file).not.toMatch(
        /\bfetch\(|\b(?:http|https|net|tls|dgram|dns)\.(?:request|get|connect|createConnection|lookup)\(|child_process|\beval\(|new Function/,
      );
  });

  it('takes no request whose Content-Type a form of another site can have, and lets no other site read', async () => {
    const { token } = people.Gwen;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': type,
        origin: 'https://evil.example',
      };
      const body = JSON.stringify({ name: 'Forged' });
      const answer = await fetch(`${server.url}/api/groups`, { method: 'POST', headers, body });
      expect(answer.status, type).toBe(400);
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    const preflight = await fetch(`${server.url}/api/groups`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.ok).toBe(false);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('the socket', () => {
  it('has no compression, whatever a client offers', async () => {
    const peer = await rawPeer(port());
    const ticket = await ticketOf(server.url, people.Gwen.token);
    await peer.write(
      handshake(`/connect/${ticket}/`, {
        headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
      }),
    );
    await vi.waitFor(() => expect(peer.heard).toContain('101 Switching Protocols'), { timeout: 15_000 });
    expect(peer.heard.toLowerCase()).not.toContain('sec-websocket-extensions');
  });
});

describe('a picture', () => {
  it('that is a page or a script as well is served as a picture, in a sandbox, and never as what it also is', async () => {
    const { giver, recipient, conversationId } = await drawnGroup(people.Gwen, people.Hugo, people.Iris);
    const onGiver = await giver.connect();
    // A GIF whose first bytes are a JavaScript assignment, with a page in the data of its picture.
    const page = '<html><script>alert(1)</script>';
    const image = `\x2c\0\0\0\0\x2f\x2a\x01\0\0\x02${String.fromCharCode(page.length)}${page}\0`;
    const gif = new Uint8Array(Buffer.from(`GIF89a\x2f\x2a\x01\0\0\0\0${image};*/=1;alert(1)`, 'latin1'));
    const key = randomUUID();
    onGiver.sendRaw(encodeImageFrame({ conversationId, key, mime: 'image/gif' }, gif));
    const { payload } = await onGiver.next('NEW_MESSAGE');
    const { imageId } = v.parse(ChatMessage, payload);
    const { status, text, headers } = await recipient.call('GET', `/api/images/${imageId}`);
    expect(status).toBe(200);
    expect(text).not.toContain('alert(1);');
    expect(text.endsWith(';')).toBe(true);
    expect(headers.get('content-type')).toBe('image/gif');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});
