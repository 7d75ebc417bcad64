import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './closes-page/main.ts';
import { launchBrowser } from './support/browser.ts';
import { buildPage } from './support/built-page.ts';
import { ENDINGS, startClosingServer } from './support/engines/closing-server.ts';
import { readDeviations } from './support/engines/deviations.ts';
import { calls, type Engine, type EngineName } from './support/engines/engine.ts';
import { giftPage } from './support/engines/gift-page.ts';
import { launchEngine } from './support/engines/launch-engine.ts';
import { expectedWords, wordsOf } from './support/engines/outcome-words.ts';
import { startLifecycleServer } from './support/lifecycle-server.ts';
import { startOutboxServer } from './support/outbox-server.ts';
import { Person } from './support/person.ts';
import { createRednGiftProcess } from './support/redngift-process.ts';

/**
 * A slim set in every engine: how sockets end, two people who chat, a server that is killed, a message that waits over a
 * reload, and the back/forward cache. What engines show is written in docs/engines.md.
 */

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
/** Undone after the test, the last first. */
const undone = <T>(thing: T, undo: (thing: T) => unknown): T => {
  cleanups.push(() => undo(thing));
  return thing;
};
const built = async (name: string): Promise<string> =>
  undone(await buildPage(name), (page) => page.remove()).webDir;

/** The code that a server has sent, as its ending is called; null: none was. */
const codeOf = (ending: string): number | null => {
  const [, code] = /close (\d+)/.exec(ending) ?? [];
  return ending === 'close without a code' ? 1005 : code === undefined ? null : Number(code);
};
const shownOf = ({ code, wasClean }: Pick<Outcome, 'code' | 'wasClean'>): string =>
  code === null ? 'none' : `${code} ${wasClean ? 'clean' : 'cut'}`;

const showsEveryClose = async ({ name, page }: Engine): Promise<void> => {
  const server = undone(await startClosingServer(await built('closes-page')), ({ closes }) => closes());
  await page.goes(server.url);
  const socketUrl = server.url.replace('http', 'ws');
  const tries = [
    ...[...ENDINGS.keys()].flatMap((ending) =>
      ['stable', 'fresh'].map((when) => ({
        ending,
        isStable: when === 'stable',
        path: `/${ending}/${when}/`,
        url: `${socketUrl}/${encodeURIComponent(ending)}/${when}/`,
      })),
    ),
    { ending: 'HTTP 401', isStable: false, path: '/refused/', url: `${socketUrl}/refused/` },
    { ending: 'TLS to a plain port', isStable: false, path: '/', url: socketUrl.replace('ws', 'wss') },
  ];
  const outcomes = await page.evaluates<readonly Outcome[]>(calls('outcomes', tries));
  const deviations = readDeviations();
  const seen = tries.map(({ ending, isStable, path }, index) => {
    const outcome = outcomes[index] as Outcome;
    const dials = server.dialCount(path) > 2 ? `, ${server.dialCount(path)} dials` : '';
    return `${ending}, ${isStable ? 'stable' : 'fresh'}: ${shownOf(outcome)}, ${wordsOf(outcome)}${dials}`;
  });
  const expected = tries.map(({ ending, isStable }, index) => {
    const code = codeOf(ending);
    const possible = deviations.get(ending)?.[name] ?? [code === null ? '1006 cut' : `${code} clean`];
    const lines = possible.map((shown) => {
      const [shownCode, how] = shown.split(' ');
      const words = shown === 'none' ? 'open' : expectedWords(Number(shownCode), how === 'clean', isStable);
      return `${ending}, ${isStable ? 'stable' : 'fresh'}: ${shown}, ${words}`;
    });
    return lines.find((line) => line === seen[index]) ?? lines[0];
  });
  expect(seen).toEqual(expected);
};

describe('Chromium', () => {
  it('shows closes as the table of engines says, and each has its place in the chart', async () => {
    const engine = undone(await launchEngine('chromium'), ({ closes }) => closes());
    await showsEveryClose(engine);
  });
});

describe.each<EngineName>(['firefox', 'webkit'])('%s', (name) => {
  let engine: Engine;
  let chromium: Browser;
  beforeAll(async () => {
    engine = await launchEngine(name);
    chromium = await launchBrowser();
  });
  afterAll(async () => {
    await engine?.closes();
    await chromium?.close();
  });

  it('shows closes as the table of engines says, and each has its place in the chart', () =>
    showsEveryClose(engine));

  it('lets Ada chat with Ben, who has another engine, and both are back after the server was killed', async () => {
    const server = undone(await createRednGiftProcess(), ({ dispose }) => dispose());
    await server.start();
    const ada = giftPage(engine.page);
    await ada.signsIn(server.url, 'Ada');
    const ben = undone(await Person.open(chromium, 'Ben'), (person) => person.closes());
    await ben.signsIn(server.url);
    await ada.opensChatWith('Ben');
    await ben.opensChatWith('Your Secret Santa');
    await ada.says('Do you like tea?');
    await ben.reads('Do you like tea?');
    await ben.says('Rather coffee.');
    await ada.reads('Rather coffee.');

    await server.kill();
    await ada.sees('backoff');
    await ben.sees('backoff');
    await server.start();
    await ada.reconnectsNow();
    await ada.sees('open');
    await ben.page.getByRole('button', { name: 'Reconnect now' }).click();
    await ben.sees('open');
    await ben.says('and back');
    await ada.reads('and back');
    await engine.page.evaluates('localStorage.clear()');
  });

  it('I2 keeps a message that waits over a reload, and it takes effect once', async () => {
    const server = undone(await startOutboxServer(await built('outbox-page')), ({ closes }) => closes());
    const { page } = engine;
    const shows = (id: string, text: string | RegExp) =>
      expect
        .poll(() => page.evaluates<string>(`document.getElementById('${id}')?.textContent ?? ''`), {
          timeout: 15_000,
        })
        .toMatch(text);
    await page.goes(server.url);
    await shows('status', 'open');
    server.goesDown();
    await shows('status', /backoff|connecting/);
    await page.evaluates(calls('says', 'kept'));
    await shows('entries', 'kept');
    // Stored by then: the page is reloaded only when the database has it.
    await page.evaluates(`new Promise((resolve, reject) => {
      const opening = indexedDB.open('statesocket');
      opening.onerror = reject;
      const look = () => {
        const asked = opening.result.transaction('outbox').objectStore('outbox').count();
        asked.onsuccess = () => (asked.result > 0 ? resolve() : setTimeout(look, 20));
      };
      opening.onsuccess = look;
    })`);
    await page.reloads();
    await shows('entries', 'kept');
    expect(server.effects).toEqual([]);
    server.comesBack();
    await expect.poll(() => server.effects, { timeout: 20_000 }).toEqual(['kept']);
    await shows('entries', 'kept:delivered');
  });

  it('I1 gives its socket up when the page is left, and dials one when a person comes back to it', async () => {
    const server = undone(await startLifecycleServer(await built('lifecycle-page')), ({ closes }) =>
      closes(),
    );
    const { page } = engine;
    const read = (id: string) =>
      page.evaluates<string>(`document.getElementById('${id}')?.textContent ?? ''`);
    await page.goes(server.url);
    await expect.poll(() => read('state'), { timeout: 15_000 }).toContain('"stability":"stable"');
    await page.goes(`${server.url}/elsewhere`);
    await expect.poll(() => server.liveCount).toBe(0);
    await page.goesBack();
    await expect.poll(() => read('status'), { timeout: 15_000 }).toBe('open');
    // Firefox keeps no page that has a socket open, so that it is loaded again; and tells the page that is left of a 1001.
    const isKept = name !== 'firefox';
    expect(await read('events')).toMatch(isKept ? /pageshow:cached/ : /^pageshow$/);
    expect(await read('last-end')).toBe(isKept ? 'suspended' : 'undefined');
    expect(server.dialCount).toBeLessThanOrEqual(isKept ? 2 : 3);
    expect(server.mostAtOnce).toBe(1);
    expect(await read('most-sockets')).toBe('1');
  });
});
