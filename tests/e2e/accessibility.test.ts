import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations } from './support/axe.ts';
import { launchBrowser } from './support/browser.ts';
import { Person } from './support/person.ts';
import { createRednGiftProcess, type RednGiftProcess } from './support/redngift-process.ts';

/** RednGift by keyboard, and by the rules of axe-core (WCAG 2 A and AA), at phone and desktop width. */

let browser: Browser;
let server: RednGiftProcess;
let ada: Person;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await createRednGiftProcess();
  await server.start();
});
afterAll(async () => {
  await browser.close();
  await server.dispose();
});
afterEach(() => ada.closes());

const violations = () => axeViolations(ada.page);

describe('RednGift is accessible', () => {
  it.each([
    ['a phone', 360, 740],
    ['a desktop', 1280, 800],
  ])('on %s: sign-in, home, chat and group', async (_, width, height) => {
    ada = await Person.open(browser, 'Ada', { width, height });
    await ada.page.goto(server.url);
    await ada.page.getByLabel('E-mail').waitFor();
    expect(await violations()).toEqual([]);
    await ada.signsIn(server.url);
    await ada.page.getByRole('navigation').getByRole('link', { name: 'Ben' }).first().waitFor();
    expect(await violations()).toEqual([]);
    await ada.opensChatWith('Ben');
    await ada.says(`hello from ${width}`);
    await ada.reads(`hello from ${width}`);
    expect(await violations()).toEqual([]);
    await ada.page.getByRole('link', { name: 'Office party' }).last().click();
    await ada.page.getByRole('heading', { name: 'Office party' }).waitFor();
    expect(await violations()).toEqual([]);
  });

  it('by keyboard alone: sign in, open a chat, send a message', async () => {
    ada = await Person.open(browser, 'Ada');
    const { keyboard } = ada.page;
    const tabTo = async (name: string): Promise<void> => {
      for (let step = 0; step < 30; step += 1) {
        const focused = await ada.page.evaluate(() => {
          const { activeElement } = document;
          if (activeElement === document.body) return '';
          const label = activeElement?.getAttribute('aria-label') ?? '';
          const labels = [...((activeElement as HTMLInputElement | null)?.labels ?? [])].map(
            (one) => one.textContent,
          );
          return [label, ...labels, activeElement?.textContent].join(' ');
        });
        if (focused.includes(name)) return;
        await keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not reach "${name}"`);
    };
    await ada.page.goto(server.url);
    await ada.page.getByLabel('E-mail').waitFor();
    await tabTo('E-mail');
    await keyboard.type('ada@demo.test');
    await tabTo('Password');
    await keyboard.type('demo-secret');
    await keyboard.press('Enter');
    await ada.sees('open');
    await tabTo('Ben');
    await keyboard.press('Enter');
    await ada.page.getByRole('textbox', { name: 'Message' }).waitFor();
    await tabTo('Message');
    await keyboard.type('without a mouse');
    await keyboard.press('Enter');
    await ada.reads('without a mouse');
  });
});
