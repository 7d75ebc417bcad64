import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSignInLimit } from '../../../app/server/limits/sign-in-limit.ts';
import { createSignUpLimit } from '../../../app/server/limits/sign-up-limit.ts';
import { call, signIn, signUp } from './support/person.ts';
import { sharedServer, startTestServer, temporaryFolder } from './support/test-server.ts';
import { openSocket } from './support/test-socket.ts';

const server = sharedServer();

/** A built web app as Vite leaves it. */
const webApp = async (): Promise<string> => {
  const folder = await temporaryFolder();
  const webDir = join(folder, 'web');
  await mkdir(join(webDir, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(webDir, 'index.html'), '<head><title>RednGift</title></head>');
  await writeFile(join(webDir, 'assets', 'index-abc.js'), 'console.info(1);');
  return webDir;
};

/** One request as raw bytes: fetch would tidy up the path. */
const rawGet = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, 'localhost', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (bytes) => {
      answer += String(bytes);
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('the HTTP side', () => {
  it('serves the web app: hashed files for ever, index.html fresh and for every page', async () => {
    const { url } = await startTestServer({ webDir: await webApp() });
    for (const path of ['/', '/groups/7', '/sign-in']) {
      const page = await call(url, 'GET', path);
      expect([page.status, page.text], path).toEqual([200, '<head><title>RednGift</title></head>']);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect(page.headers.get('content-type')).toContain('text/html');
    }
    const script = await call(url, 'GET', '/assets/index-abc.js');
    expect([script.status, script.text]).toEqual([200, 'console.info(1);']);
    expect(script.headers.get('content-type')).toContain('javascript');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const missing = await call(url, 'GET', '/assets/index-old.js');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('cache-control')).toBeNull();
  });

  it('names Sentry in the page and in its policy where a DSN is set', async () => {
    const sentryDsn = new URL('https://public@sentry.example/42?a="b&lt;c');
    const { url } = await startTestServer({ webDir: await webApp(), sentryDsn });
    for (const path of ['/', '/index.html', '/groups/7']) {
      const { text, headers } = await call(url, 'GET', path);
      expect(text).toContain(
        '<meta name="sentry-dsn" content="https://public@sentry.example/42?a=%22b&#38;lt;c"></head>',
      );
      expect(headers.get('content-security-policy')).toMatch(/connect-src [^;]* https:\/\/sentry\.example;/);
    }
  });

  it('never serves a file outside the web app', async () => {
    const { url } = await startTestServer({ webDir: await webApp() });
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/../../secret.txt',
      '/..\\secret.txt',
    ]) {
      expect(await rawGet(Number(new URL(url).port), path), path).not.toMatch(/\r\n\r\n.*secret/s);
    }
  });

  it('sends the security headers with every answer, errors included', async () => {
    for (const path of ['/', '/api/groups', '/api/none']) {
      const { headers } = await call(server.url, 'GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain(`connect-src 'self' ws://${new URL(server.url).host}`);
      expect(policy).toContain("img-src 'self' blob:");
      expect(policy).not.toMatch(/script-src|unsafe-eval/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await call(server.url, 'GET', '/api/groups')).headers.get('cache-control')).toBe('no-store');
  });

  it('answers an unknown address of the API with an error in its words', async () => {
    const eve = await signUp(server.url, 'Eve');
    const { status, text } = await eve.call('GET', '/api/none');
    expect([status, JSON.parse(text)]).toEqual([
      404,
      { error: 'not-found', message: 'This address does not exist.' },
    ]);
  });

  it('lets pages of its own host and of listed origins open a socket, and no others', async () => {
    const { url } = await startTestServer({ allowedOrigins: ['https://redngift.example'] });
    const { token } = await signUp(url, 'Eve');
    const reject = { type: 'TYPING', conversationId: 'none' };
    for (const origin of [url, url.replace('http:', 'https:'), 'https://redngift.example']) {
      const socket = await openSocket(url, token, { origin });
      socket.send(reject);
      expect(await socket.next('COMMAND_REJECTED'), origin).toBeDefined();
    }
    for (const origin of ['https://evil.example', 'null', `${url}.evil.example`, 'http://localhost:1']) {
      const socket = await openSocket(url, token, { origin });
      expect((await socket.closed).code, origin).toBe(4403);
    }
  });

  it('makes demo users and groups in an empty data folder: two people who can chat, and a raffle to draw', async () => {
    const { url, hasDemoUsers } = await startTestServer({ demoData: true });
    expect(hasDemoUsers).toBe(true);
    const [ada, ben] = await Promise.all([
      signIn(url, 'ada@demo.test', 'demo-secret'),
      signIn(url, 'ben@demo.test', 'demo-secret'),
    ]);
    const conversations = JSON.parse((await ada.call('GET', '/api/conversations')).text);
    expect(conversations).toContainEqual(
      expect.objectContaining({ groupName: 'Office party', role: 'giver', title: 'Ben', partnerId: ben.id }),
    );
    const groups = JSON.parse((await ada.call('GET', '/api/groups')).text) as { id: string; name: string }[];
    const bookClub = groups.find(({ name }) => name === 'Book club');
    expect(bookClub).toMatchObject({ drawnAt: null, ownerId: ada.id, invited: ['ben@demo.test'] });
    expect((await ada.call('POST', `/api/groups/${bookClub?.id}/raffle`)).status).toBe(200);
    expect(JSON.parse((await ben.call('GET', '/api/groups')).text)).toHaveLength(1);
  });
});

describe('the limit of sign-ins', () => {
  it('opens again after 15 minutes, and counts each address and account apart', () => {
    let nowMs = 0;
    const limit = createSignInLimit(() => nowMs);
    for (let attempt = 0; attempt < 10; attempt++) limit.begin('1.2.3.4', 'eve@people.test');
    expect(() => limit.begin('1.2.3.4', 'eve@people.test')).toThrow('Too many attempts');
    limit.begin('1.2.3.5', 'eve@people.test');
    limit.begin('1.2.3.4', 'finn@people.test');
    nowMs = 15 * 60_000;
    limit.begin('1.2.3.4', 'eve@people.test');
  });

  it('forgets the failures when the password was right', () => {
    const limit = createSignInLimit(() => 0);
    for (let attempt = 0; attempt < 50; attempt++) {
      limit.begin('1.2.3.4', 'eve@people.test');
      limit.succeed('1.2.3.4', 'eve@people.test');
    }
    expect(() => limit.begin('1.2.3.4', 'eve@people.test')).not.toThrow();
  });

  it('lets one address try fifty wrong passwords for whatever accounts, and no more', () => {
    const limit = createSignInLimit(() => 0);
    for (let account = 0; account < 50; account++) limit.begin('1.2.3.4', `${account}@people.test`);
    expect(() => limit.begin('1.2.3.4', 'eve@people.test')).toThrow('Too many attempts');
    expect(() => limit.begin('1.2.3.5', 'eve@people.test')).not.toThrow();
  });

  it('does not open for a guesser who signs in to an account of their own in between', () => {
    const limit = createSignInLimit(() => 0);
    for (let account = 0; account < 50; account++) {
      limit.begin('1.2.3.4', `${account}@people.test`);
      limit.begin('1.2.3.4', 'mallory@people.test');
      if (account < 49) limit.succeed('1.2.3.4', 'mallory@people.test');
      else limit.abandon('1.2.3.4', 'mallory@people.test');
      if (account === 48) break;
    }
    limit.begin('1.2.3.4', 'one.more@people.test');
    expect(() => limit.begin('1.2.3.4', 'eve@people.test')).toThrow('Too many attempts');
  });

  it('lets a hundred addresses guess one account once each, and then only those that know it already', () => {
    const limit = createSignInLimit(() => 0);
    limit.begin('home', 'eve@people.test');
    limit.succeed('home', 'eve@people.test');
    for (let address = 0; address < 100; address++) limit.begin(`10.0.0.${address}`, 'eve@people.test');
    expect(() => limit.begin('10.0.1.1', 'eve@people.test')).toThrow('Too many attempts');
    expect(() => limit.begin('home', 'eve@people.test')).not.toThrow();
    expect(() => limit.begin('10.0.1.1', 'finn@people.test')).not.toThrow();
  });

  it('counts no password that was not looked at, and nothing that it refused', () => {
    const limit = createSignInLimit(() => 0);
    for (let attempt = 0; attempt < 200; attempt++) {
      limit.begin('1.2.3.4', 'eve@people.test');
      limit.abandon('1.2.3.4', 'eve@people.test');
    }
    for (let attempt = 0; attempt < 10; attempt++) limit.begin('1.2.3.4', 'eve@people.test');
    for (let attempt = 0; attempt < 200; attempt++)
      expect(() => limit.begin('1.2.3.4', 'eve@people.test')).toThrow('Too many attempts');
    expect(() => limit.begin('1.2.3.4', 'finn@people.test')).not.toThrow();
  });
});

describe('the limit of sign-ups', () => {
  it('lets an office in, a hundred accounts an hour from one address, and says when to come back', () => {
    let nowMs = 0;
    const limit = createSignUpLimit(() => nowMs);
    for (let account = 0; account < 100; account++) limit.take('1.2.3.4');
    nowMs = 20 * 60_000;
    expect(() => limit.take('1.2.3.4')).toThrow(
      'Too many new accounts from your network. Please try again in 40 minutes.',
    );
    limit.take('1.2.3.5');
    nowMs = 60 * 60_000;
    limit.take('1.2.3.4');
  });

  it('remembers ten thousand addresses, the busiest last, and no more', () => {
    const limit = createSignUpLimit(() => 0);
    for (let account = 0; account < 100; account++) limit.take('guesser');
    for (let address = 0; address < 9_999; address++) limit.take(`${address}`);
    expect(() => limit.take('guesser')).toThrow();
    limit.take('one more');
    expect(() => limit.take('guesser')).not.toThrow();
  });
});
