import { mkdir, writeFile } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { addUser } from '../../app/server/accounts/users.ts';
import { openDatabase } from '../../app/server/database/open-database.ts';
import { createHttpApp } from '../../app/server/http/http-app.ts';
import { bareServices } from '../app/server/support/bare-services.ts';
import { call, PASSWORD } from '../app/server/support/person.ts';
import { startTestServer, temporaryFolder } from '../app/server/support/test-server.ts';

const GUESSERS_COUNT = 50;

const withWebApp = async () => {
  const webDir = join(await temporaryFolder(), 'web');
  await mkdir(join(webDir, 'assets'), { recursive: true });
  await writeFile(join(webDir, 'index.html'), '<title>RednGift</title>');
  await writeFile(join(webDir, 'assets/index.js'), 'console.info(1);');
  return startTestServer({ webDir });
};

it('gets the web app while fifty guess passwords: files wait for none of that work', async () => {
  const { url, close } = await withWebApp();
  let lookedAtCount = 0;
  const guesses = Array.from({ length: GUESSERS_COUNT }, async (_, index) => {
    const body = { email: `${index}@people.test`, password: 'guess' };
    const answer = await call(url, 'POST', '/api/session', { body });
    if (answer.status === 401) lookedAtCount++;
    return answer;
  });
  // All are on their way once the first is refused for want of a place.
  await Promise.race(
    guesses.map(async (guess) => ((await guess).status === 429 ? true : new Promise(() => {}))),
  );
  const before = lookedAtCount;
  expect((await call(url, 'GET', '/assets/index.js')).text).toBe('console.info(1);');
  // On libuv's four threads the file would come after nearly all of them.
  expect(lookedAtCount - before).toBeLessThanOrEqual(6);

  // What waits is refused as the server stops; it need not be waited for.
  await close();
  const answers = await Promise.allSettled(guesses);
  const statuses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  expect(statuses.filter(({ status }) => status === 429)).toHaveLength(GUESSERS_COUNT - 17);
  for (const { headers } of statuses.filter(({ status }) => status === 429))
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

it('is refused for an account that exists exactly as for one that does not, also after too many guesses', async () => {
  const db = await openDatabase(':memory:');
  onTestFinished(() => db.destroy());
  await addUser(db, { name: 'Eve', email: 'eve@people.test', passwordHash: 'salt.key' });
  const verify = vi.fn(async () => false);
  const services = bareServices(db);
  const app = createHttpApp({ ...services, passwords: { ...services.passwords, verify } }, {});
  const guess = async (email: string) => {
    const answer = await app.request(
      '/api/session',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: 'guess' }),
      },
      { incoming: new IncomingMessage(new Socket()) },
    );
    const { headers } = answer;
    return [
      answer.status,
      await answer.text(),
      headers.get('retry-after') !== null,
      verify.mock.calls.length,
    ];
  };
  for (let attempt = 1; attempt <= 12; attempt++) {
    const before = verify.mock.calls.length;
    const [status, text, hasHint, ofEve = 0] = await guess('eve@people.test');
    const [other, otherText, otherHint, ofNobody = 0] = await guess('nobody@people.test');
    expect([status, text, hasHint]).toEqual([other, otherText, otherHint]);
    expect(status).toBe(attempt <= 10 ? 401 : 429);
    // The same work for both: a refusal that comes early would tell.
    expect(Number(ofEve) - before).toBe(Number(ofNobody) - Number(ofEve));
  }
});

it('costs one password’s work at most, however long the password is', async () => {
  const { url } = await startTestServer();
  // U+FDFA becomes 18 letters under NFKC.
  for (const password of ['x'.repeat(201), '\ufdfa'.repeat(201)]) {
    const body = { email: 'eve@people.test', password };
    expect((await call(url, 'POST', '/api/session', { body })).status).toBe(400);
    expect((await call(url, 'POST', '/api/users', { body: { ...body, name: 'Eve' } })).status).toBe(400);
  }
  const body = { name: 'Eve', email: 'eve@people.test', password: '\ufdfa'.repeat(200) };
  expect((await call(url, 'POST', '/api/users', { body })).status).toBe(201);
  expect((await call(url, 'POST', '/api/users', { body: { ...body, password: PASSWORD } })).status).toBe(409);
});
