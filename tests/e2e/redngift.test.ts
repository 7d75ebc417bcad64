import { describe, expect, it, vi } from 'vitest';
import { welcomePeople } from './support/redngift-people.ts';

/** The built RednGift in real browsers on a real server: Ada is Ben's Secret Santa in the demo group. */

const redngift = welcomePeople();
const { arrives } = redngift;

const adaAndBenChat = async () => {
  const ada = await arrives('Ada');
  const ben = await arrives('Ben');
  await ada.opensChatWith('Ben');
  await ben.opensChatWith('Your Secret Santa');
  return { ada, ben };
};

/** A red square of 2 x 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==',
  'base64',
);

describe('two people chat', () => {
  it('both ways, once each', async () => {
    const { ada, ben } = await adaAndBenChat();
    await ada.says('Do you like tea?');
    await ben.reads('Do you like tea?');
    await ben.says('Rather coffee.');
    await ada.reads('Rather coffee.');
    await ada.reads('Do you like tea?');
    expect(await ada.bubble('Rather coffee.').count()).toBe(1);
    expect(await ben.bubble('Do you like tea?').count()).toBe(1);
    expect(ada.frames.some((frame) => frame.startsWith('> {"type":"ACK"'))).toBe(true);
  });

  it('and send a picture, which the other side sees, also after a reload', async () => {
    const { ada, ben } = await adaAndBenChat();
    await ada.page
      .getByLabel('Choose a picture')
      .setInputFiles({ name: 'gift.png', mimeType: 'image/png', buffer: PNG });
    await ada.page.getByRole('button', { name: 'Send' }).click();
    const picture = ben.page.getByRole('img', { name: 'Picture from Your Secret Santa' });
    await picture.waitFor();
    await vi.waitFor(async () => {
      expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(2);
    });
    await ben.page.reload();
    await picture.waitFor();
    await vi.waitFor(async () => {
      expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(2);
    });
  });

  it('and see each other type; the note goes by itself', async () => {
    const { ada, ben } = await adaAndBenChat();
    await ada.types('hm');
    await ben.page.getByText('Your Secret Santa is typing…').waitFor();
    await ben.page.getByText('Your Secret Santa is typing…').waitFor({ state: 'detached' });
    await ben.types('so');
    await ada.page.getByText('Ben is typing…').waitFor();
    const typed = ada.frames.filter((frame) => frame.includes('TYPING'));
    expect(typed.every((frame) => !frame.includes('userId'))).toBe(true);
  });

  it('the giver sees that the recipient is online; the recipient learns nothing of the giver (I14)', async () => {
    const { ada, ben } = await adaAndBenChat();
    await ada.page.getByText('Online', { exact: true }).waitFor();
    await ada.says('Guess who');
    await ben.reads('Guess who');
    const adasId = await ada.page.evaluate(async () => {
      const response = await fetch('/api/session', {
        headers: { Authorization: `Bearer ${localStorage.getItem('accessToken')}` },
      });
      return ((await response.json()) as { id: string }).id;
    });
    expect(ben.frames.join('\n')).not.toContain(adasId);
    await redngift.leaves(ben);
    await ada.page.getByText('Online', { exact: true }).waitFor({ state: 'detached' });
  });

  it('and are told of what they do not see: a toast and an unread count', async () => {
    const ada = await arrives('Ada');
    const ben = await arrives('Ben');
    await ada.opensChatWith('Ben');
    await ada.says('Are you there?');
    await ben.seesToast('New message from Your Secret Santa');
    await ben.page.getByRole('navigation').getByText('1 unread').waitFor();
    await ben.opensChatWith('Your Secret Santa');
    await ben.reads('Are you there?');
    await ben.page.getByText('1 unread').waitFor({ state: 'detached' });
  });
});

describe('the server goes away', () => {
  it('killed and restarted: both are back and chatting', async () => {
    const { ada, ben } = await adaAndBenChat();
    await ada.says('before');
    await ben.reads('before');
    await redngift.server.kill();
    await ada.sees('backoff');
    await ben.sees('backoff');
    await redngift.server.start();
    await ada.page.getByRole('button', { name: 'Reconnect now' }).click();
    await ada.sees('open');
    // Ben waits for his schedule: 0, 10, 20 s.
    await ben.sees('open', 40_000);
    await ben.says('and back');
    await ada.reads('and back');
    await ada.reads('before');
  });

  it('closed cleanly: both reconnect at once', async () => {
    const { ada, ben } = await adaAndBenChat();
    // Stable after 5 s open: only then is a clean close trusted.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    await redngift.server.stop();
    expect(redngift.server.exitCode).toBe(0);
    await redngift.server.start();
    await ada.sees('open', 30_000);
    await ben.sees('open', 30_000);
    await ada.says('hello again');
    await ben.reads('hello again');
  });
});

describe('logout', () => {
  it('through the real guard closes the socket for good, and empties the page', async () => {
    const ada = await arrives('Ada', async ({ page }) => {
      await page.clock.install();
    });
    await ada.opensChatWith('Ben');
    const token = await ada.page.evaluate(() => localStorage.getItem('accessToken'));
    expect(token).not.toBeNull();
    await ada.page.getByRole('button', { name: 'Log out' }).click();
    await ada.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await vi.waitFor(() => expect(ada.liveSockets).toEqual([]));
    expect(await ada.page.locator('html').getAttribute('data-connection')).toBe('loggedOut');
    expect(await ada.page.getByText('Office party').count()).toBe(0);
    expect(await ada.page.evaluate(() => localStorage.getItem('accessToken'))).toBeNull();

    // With a token to dial with, and hours for every timer: a connection that wanted to come back would.
    await ada.page.evaluate((value) => localStorage.setItem('accessToken', value ?? ''), token);
    await ada.page.clock.runFor(3 * 3_600_000);
    await ada.page.evaluate(() => dispatchEvent(new Event('online')));
    await ada.page.clock.runFor(60_000);
    expect(ada.sockets.length).toBe(1);
    expect(await ada.page.locator('html').getAttribute('data-connection')).toBe('loggedOut');
  });
});

describe('signing out everywhere, on a phone', () => {
  it('takes the other device to the sign-in, which says why and shows nothing of the account', async () => {
    const phone = await arrives('Ada', ({ page }) => page.setViewportSize({ width: 390, height: 844 }));
    const desk = await arrives('Ada');
    await desk.opensChatWith('Ben');
    await phone.page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await phone.page.getByRole('button', { name: 'Sign out on all devices' }).click();
    await desk.page.getByText('Your session has expired. Please sign in again.').waitFor();
    expect(await desk.page.locator('body').innerText()).not.toMatch(/Ada|Ben|Office party/);
    await phone.page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('no toast lies over a button', async () => {
    const ada = await arrives('Ada', ({ page }) => page.setViewportSize({ width: 390, height: 844 }));
    const ben = await arrives('Ben');
    await ben.opensChatWith('Your Secret Santa');
    await ben.says('Hello, whoever you are');
    await ada.seesToast('New message from Ben');
    const page = await ada.page.locator('.shell').boundingBox();
    const toast = await ada.page.locator('.Toastify__toast').boundingBox();
    expect(toast?.y).toBeGreaterThanOrEqual((page?.y ?? 0) + (page?.height ?? 0));
    expect((toast?.y ?? 0) + (toast?.height ?? 0)).toBeLessThanOrEqual(844);
  });
});
