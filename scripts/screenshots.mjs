/**
 * `npm run screenshots`: RednGift as it is now, for the README. Runs the built app on an empty data folder, lets two
 * people chat, and takes their pictures at desktop and phone width. Build first.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { needChromium } from './chromium.mjs';

const FOLDER = 'docs/screenshots';
const CHAT = [
  ['ada', 'Psst. I have your name this year.'],
  ['ben', 'Oh! Hello, whoever you are.'],
  ['ada', 'Are you more of a tea person or a coffee person?'],
  ['ben', 'Tea in the morning, coffee after lunch. Why, is it a mug?'],
  ['ada', 'My lips are sealed. Favourite colour?'],
];

const dataDir = mkdtempSync(join(tmpdir(), 'redngift-'));
const server = spawn(process.execPath, ['app/dist/server/cli.js'], {
  env: { ...process.env, PORT: '0', DATA_DIR: dataDir },
});
const url = await new Promise((resolve, reject) => {
  server.stdout.on('data', (text) => {
    const found = /running at (\S+)/.exec(text);
    if (found) resolve(found[1]);
  });
  server.stderr.on('data', (text) => reject(new Error(String(text))));
});
const browser = await chromium.launch({
  executablePath: needChromium(),
  args: ['--no-sandbox', '--disable-gpu'],
});

const open = async (name, options, chat, prepare = async () => {}) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await prepare(page);
  await page.goto(url);
  await page.getByLabel('E-mail').fill(`${name}@demo.test`);
  await page.getByLabel('Password').fill('demo-secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('[role=status][data-status=open]').waitFor();
  if (chat) await page.getByRole('navigation').getByRole('link', { name: chat }).first().click();
  return page;
};

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 };
try {
  const pages = {
    ada: await open('ada', desktop, 'Ben'),
    ben: await open('ben', { ...phone, colorScheme: 'dark' }, 'Your Secret Santa'),
  };
  for (const [who, text] of CHAT) {
    const other = who === 'ada' ? pages.ben : pages.ada;
    await pages[who].getByRole('textbox', { name: 'Message' }).fill(text);
    await pages[who].getByRole('button', { name: 'Send' }).click();
    await other.getByRole('list', { name: 'Messages' }).getByText(text).waitFor();
  }
  await pages.ben.getByRole('textbox', { name: 'Message' }).pressSequentially('Gre', { delay: 500 });
  await pages.ada.getByText('Ben is typing…').waitFor();
  await pages.ada.screenshot({ path: `${FOLDER}/redngift-desktop.png` });
  await pages.ben.screenshot({ path: `${FOLDER}/redngift-phone.png` });

  // The drawer with the inspector: a connection that was cut twice, and waits.
  const looksAt = async (name, options, path) => {
    const page = await open(name, options);
    await page.getByRole('button', { name: 'Look at the connection' }).click();
    const inspector = page.getByRole('region', { name: 'Connection inspector' });
    const lit = (state) =>
      page.locator(`svg[aria-label^="connection:"] rect.lit[data-state="${state}"]`).waitFor();
    await lit('socket.open.stability.stable');
    await inspector.getByRole('button', { name: 'Close 1006' }).click();
    await lit('socket.open.stability.settling');
    await inspector.getByRole('button', { name: 'Close 1006' }).click();
    await lit('backoff.waiting');
    // The picture has scrolled to where it is by now.
    await page.waitForTimeout(1_000);
    await page.screenshot({ path });
  };
  await looksAt('cleo', { viewport: { width: 1440, height: 900 } }, `${FOLDER}/inspector-desktop.png`);
  await looksAt('cleo', { ...phone, colorScheme: 'dark' }, `${FOLDER}/inspector-phone.png`);

  // A message that the server rejects, and one that waits because the server is gone.
  const unsent = await open('ada', phone, 'Ben', (page) =>
    page.routeWebSocket(/\/connect\//, (socket) => {
      const real = socket.connectToServer();
      socket.onMessage((frame) => {
        const { type, clientId, n } = JSON.parse(String(frame));
        if (type !== 'SEND_MESSAGE') real.send(frame);
        else socket.send(JSON.stringify({ type: 'RECEIPT', clientId, n, rejected: [{ n, code: 'no' }] }));
      });
    }),
  );
  const say = async (text) => {
    await unsent.getByRole('textbox', { name: 'Message' }).fill(text);
    await unsent.getByRole('button', { name: 'Send' }).click();
  };
  await say('Green, like your scarf?');
  await unsent.getByRole('button', { name: 'Retry' }).waitFor();

  // A phone that loses its connection: the status, the countdown and the button.
  const lost = await open('cleo', phone);
  server.kill('SIGKILL');
  await lost.mouse.move(0, 0);
  await lost.getByRole('timer').waitFor();
  await lost.screenshot({ path: `${FOLDER}/redngift-lost.png` });
  await unsent.getByRole('timer').waitFor();
  await say('Never mind, I will surprise you.');
  await unsent.locator('.Toastify__toast').waitFor({ state: 'detached' });
  await unsent.getByText('Waiting to be sent').waitFor();
  await unsent.screenshot({ path: `${FOLDER}/redngift-unsent.png`, animations: 'disabled' });
} finally {
  await browser.close();
  server.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
}
