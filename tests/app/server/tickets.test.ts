import { join } from 'node:path';
import Sqlite from 'libsql';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import { Ticket } from '../../../app/contract/http-api.ts';
import { findSession, sessionOfToken, startSession } from '../../../app/server/accounts/sessions.ts';
import { createTickets } from '../../../app/server/accounts/tickets.ts';
import { databaseOf } from './support/every-draw.ts';
import { call, PASSWORD, sharedPeople, signIn, signUp } from './support/person.ts';
import { sharedServer, startTestServer } from './support/test-server.ts';

const server = sharedServer();
const people = sharedPeople(server, 'Eve');

const ticketFor = async (url: string, token: string) =>
  v.parse(Ticket, JSON.parse((await call(url, 'POST', '/api/ticket', { token })).text));

/** Dials, and answers the close code, or `open` where something can be said. */
const dial = (url: string, secret: string): Promise<number | 'open'> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/connect/${secret}/`);
    socket.on('error', reject);
    socket.on('open', () => socket.send('[{"type":"TYPING","conversationId":"none"}]'));
    socket.on('message', (data) => {
      if (!String(data).includes('COMMAND_REJECTED')) return;
      resolve('open');
      socket.close();
    });
    socket.on('close', (code) => resolve(code));
  });

describe('a ticket', () => {
  it('opens one socket; the second that dials with it is refused', async () => {
    const { ticket, expiresInMs } = await ticketFor(server.url, people.Eve.token);
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(expiresInMs).toBe(30_000);
    expect(await dial(server.url, ticket)).toBe('open');
    expect(await dial(server.url, ticket)).toBe(4401);
  });

  it('is the only thing that a socket is dialled with: a token in a URL is worth nothing', async () => {
    expect(await dial(server.url, people.Eve.token)).toBe(4401);
  });

  it('is given to nobody without a valid token, and is no token', async () => {
    expect((await call(server.url, 'POST', '/api/ticket')).status).toBe(401);
    const { ticket } = await ticketFor(server.url, people.Eve.token);
    expect((await call(server.url, 'GET', '/api/session', { token: ticket })).status).toBe(401);
    expect((await call(server.url, 'POST', '/api/ticket', { token: ticket })).status).toBe(401);
  });

  it('is worth nothing once its session is over', async () => {
    const eve = await signIn(server.url, people.Eve.email, PASSWORD);
    const { ticket } = await ticketFor(server.url, eve.token);
    await eve.call('DELETE', '/api/session');
    expect(await dial(server.url, ticket)).toBe(4401);
  });

  it('keeps its socket open as long as its session is valid, and no longer: expired, it is closed at a heartbeat (I20)', async () => {
    const { url, dataDir } = await startTestServer({ heartbeatMs: 100 });
    const eve = await signUp(url, 'Eve');
    const other = await signIn(url, eve.email, PASSWORD);
    const [socket, onOther] = await Promise.all([eve.connect(), other.connect()]);
    await onOther.next('HEARTBEAT').catch(() => undefined);
    const db = new Sqlite(join(dataDir, 'redngift.sqlite'));
    db.prepare(
      'update sessions set expiresAt = ? where rowid = (select min(rowid) from sessions where userId = ?)',
    ).run(Date.now() - 1, eve.id);
    db.close();
    expect((await socket.closed).code).toBe(4401);
    onOther.send({ type: 'TYPING', conversationId: 'none' });
    expect(await onOther.next('COMMAND_REJECTED')).toBeDefined();
  });

  it('waits 30 s to be used, is forgotten two minutes after it was asked for last, and 16 of a session wait', () => {
    let nowMs = 0;
    const tickets = createTickets(() => nowMs);
    const { ticket: late } = tickets.issue('s');
    nowMs = 30_000;
    expect(tickets.spend(late)).toBeNull();
    const { ticket } = tickets.issue('s');
    expect(tickets.sessionOf(ticket)).toBeNull();
    expect(tickets.spend(ticket)).toBe('s');
    expect(tickets.spend(ticket)).toBeNull();
    for (let beat = 0; beat < 100; beat++) {
      nowMs += 60_000;
      expect(tickets.sessionOf(ticket)).toBe('s');
      tickets.issue('other');
    }
    nowMs += 120_000;
    expect(tickets.sessionOf(ticket)).toBeNull();

    const [first, second, ...rest] = Array.from({ length: 17 }, () => tickets.issue('s').ticket);
    expect(tickets.spend(first ?? '')).toBeNull();
    for (const waiting of [second ?? '', ...rest]) expect(tickets.spend(waiting)).toBe('s');
  });
});

describe('the tickets of sessions', () => {
  it('are counted apart: sixteen of one wait, whatever others ask for', () => {
    const tickets = createTickets(() => 0);
    const mine = Array.from({ length: 16 }, () => tickets.issue('mine').ticket);
    for (let times = 0; times < 20; times++) tickets.issue('theirs');
    for (const ticket of mine) expect(tickets.spend(ticket)).toBe('mine');
  });

  it('are forgotten by no other: a socket that lives keeps its ticket, however many are issued', () => {
    const tickets = createTickets(() => 0);
    const used = Array.from({ length: 20 }, () => tickets.issue('s').ticket);
    for (const ticket of used.slice(4)) expect(tickets.spend(ticket)).toBe('s');
    for (let times = 0; times < 40; times++) tickets.issue('s');
    for (const ticket of used.slice(4)) expect(tickets.sessionOf(ticket)).toBe('s');
  });

  it('take no room for ever: those that are too old go', () => {
    let nowMs = 0;
    const tickets = createTickets(() => nowMs);
    for (let session = 0; session < 50; session++) tickets.issue(`${session}`);
    expect(tickets.count).toBe(50);
    nowMs = 30_000;
    tickets.issue('next');
    expect(tickets.count).toBe(1);
  });
});

describe('signing out everywhere', () => {
  it('ends every session and closes every socket of this person, and of nobody else', async () => {
    const { url } = server;
    const phone = await signUp(url, 'Finn');
    const laptop = await signIn(url, phone.email, PASSWORD);
    const [onPhone, onLaptop, onEve] = await Promise.all([
      phone.connect(),
      laptop.connect(),
      people.Eve.connect(),
    ]);
    const { ticket } = await ticketFor(url, phone.token);
    expect((await laptop.call('DELETE', '/api/sessions')).status).toBe(204);
    expect((await onPhone.closed).code).toBe(4401);
    expect((await onLaptop.closed).code).toBe(4401);
    for (const { token } of [phone, laptop])
      expect((await call(url, 'GET', '/api/session', { token })).status).toBe(401);
    expect(await dial(url, ticket)).toBe(4401);
    expect((await people.Eve.call('GET', '/api/session')).status).toBe(200);
    onEve.send({ type: 'TYPING', conversationId: 'none' });
    expect(await onEve.next('COMMAND_REJECTED')).toBeDefined();
    expect((await call(url, 'DELETE', '/api/sessions')).status).toBe(401);
  });

  it('a person’s oldest session is the one that ends, whatever others have', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const starts = async (userId: string, count: number) => {
      const tokens: string[] = [];
      for (let session = 0; session < count; session++) {
        vi.setSystemTime(Date.now() + 1);
        tokens.push((await startSession(db, userId)).accessToken);
      }
      return tokens;
    };
    const isValid = async (token = '') => (await findSession(db, sessionOfToken(token))) !== null;
    const mine = await starts('a', 100);
    await starts('b', 100);
    const [newest] = await starts('a', 1);
    expect(await Promise.all([mine[0], mine[1], mine[99], newest].map(isValid))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('a person has a hundred sessions at most: one more ends the oldest', async () => {
    const db = await databaseOf({ winter: ['a', 'b', 'c'] });
    await startSession(db, 'b');
    for (let session = 0; session < 103; session++) await startSession(db, 'a');
    const rows = await db.selectFrom('sessions').select('userId').execute();
    expect(rows.filter(({ userId }) => userId === 'a')).toHaveLength(100);
    expect(rows.filter(({ userId }) => userId === 'b')).toHaveLength(1);
  });
});
