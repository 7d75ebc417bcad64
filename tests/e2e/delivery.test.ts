import { describe, expect, it, vi } from 'vitest';
import type { Person } from './support/person.ts';
import { welcomePeople } from './support/redngift-people.ts';

/** What is said in RednGift while the server is away, in real browsers: Ada is Ben's Secret Santa. */

const redngift = welcomePeople();
const { arrives } = redngift;

/** The texts of the chat on the screen, oldest first. */
const texts = (person: Person): Promise<string[]> => person.page.locator('.bubble-text').allTextContents();

/** Lets a person's sockets through or not, while HTTP goes on. */
const createGate = () => {
  const gate = { isOpen: true };
  const prepare = (person: Person): Promise<void> =>
    person.page.routeWebSocket(/\/connect\//, (socket) => {
      // As a proxy that is up before its server.
      if (gate.isOpen) socket.connectToServer();
      else void socket.close({ code: 1011, reason: 'not yet' });
    });
  return { gate, prepare };
};

const reconnects = async (person: Person): Promise<void> => {
  await person.page.getByRole('button', { name: 'Reconnect now' }).click();
  await person.sees('open');
};

describe('what is said while the server is down', () => {
  it('waits, survives a reload, and arrives once, in order, on both sides (I2, I3)', async () => {
    const { gate, prepare } = createGate();
    const ada = await arrives('Ada', prepare);
    const ben = await arrives('Ben');
    await ada.opensChatWith('Ben');
    await ben.opensChatWith('Your Secret Santa');
    await ada.says('before');
    await ben.reads('before');

    await redngift.server.kill();
    await ada.sees('backoff');
    for (const text of ['one', 'two', 'three']) await ada.says(text);
    await ada.bubble('three').getByText('Waiting to be sent').waitFor();
    expect(await texts(ada)).toEqual(['before', 'one', 'two', 'three']);

    // The page comes from the same server: it is back for HTTP first.
    gate.isOpen = false;
    await redngift.server.start();
    await ada.page.reload();
    await ada.bubble('three').getByText('Waiting to be sent').waitFor();
    expect(await texts(ada)).toEqual(['before', 'one', 'two', 'three']);
    await ada.says('four');

    gate.isOpen = true;
    await reconnects(ada);
    // Ben waits for his schedule: 0, 10, 20 s.
    await ben.reads('four', 40_000);
    await vi.waitFor(async () =>
      expect(await ada.page.getByText(/Waiting to be sent|Sending…/).count()).toBe(0),
    );
    for (const person of [ada, ben]) {
      expect(await texts(person)).toEqual(['before', 'one', 'two', 'three', 'four']);
    }
    for (const person of [ada, ben]) {
      await person.page.reload();
      await person.reads('four');
      await vi.waitFor(async () =>
        expect(await texts(person)).toEqual(['before', 'one', 'two', 'three', 'four']),
      );
    }
  });

  it('is there once, though the server is killed again and again while it takes it (I3)', async () => {
    const ada = await arrives('Ada');
    const ben = await arrives('Ben');
    await ada.opensChatWith('Ben');
    await ben.opensChatWith('Your Secret Santa');
    const expected: string[] = [];
    for (const round of [1, 2, 3]) {
      for (const n of [1, 2, 3, 4]) {
        expected.push(`${round}.${n}`);
        await ada.says(`${round}.${n}`);
      }
      await redngift.server.kill();
      await ada.sees('backoff');
      expected.push(`${round} after the cut`);
      await ada.says(`${round} after the cut`);
      await redngift.server.start();
      await reconnects(ada);
    }
    await ben.page.reload();
    await vi.waitFor(async () => expect(await texts(ben)).toEqual(expected), { timeout: 15_000 });
    await vi.waitFor(async () => expect(await texts(ada)).toEqual(expected), { timeout: 15_000 });
    expect(await ada.page.getByText(/Waiting to be sent|Sending…/).count()).toBe(0);
  });
});

describe('what the server rejects', () => {
  it('shows as failed, also after a reload; "Retry" sends it, and it arrives once', async () => {
    const gate = { rejects: true };
    // A server that does not like it, yet: the frames of the real one, but for the verdict.
    const ada = await arrives('Ada', ({ page }) =>
      page.routeWebSocket(/\/connect\//, (socket) => {
        const real = socket.connectToServer();
        socket.onMessage((frame) => {
          const command = JSON.parse(String(frame));
          if (!gate.rejects || command.type !== 'SEND_MESSAGE') return real.send(frame);
          const { clientId, n } = command;
          socket.send(JSON.stringify({ type: 'RECEIPT', clientId, n, rejected: [{ n, code: 'not-now' }] }));
        });
      }),
    );
    const ben = await arrives('Ben');
    await ada.opensChatWith('Ben');
    await ben.opensChatWith('Your Secret Santa');
    await ada.says('keep me');
    await ada.says('forget me');
    await ada.seesToast('A message could not be sent');
    await ada.bubble('keep me').getByText('Not sent: RednGift refused it.').waitFor();

    await ada.page.reload();
    await ada.bubble('forget me').getByRole('button', { name: 'Discard' }).click();
    await ada.bubble('forget me').waitFor({ state: 'detached' });
    gate.rejects = false;
    await ada.bubble('keep me').getByRole('button', { name: 'Retry' }).click();
    await ben.reads('keep me');
    await ada.page.getByRole('button', { name: 'Retry' }).waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await ada.page.getByText('Sending…').count()).toBe(0));
    expect(await texts(ada)).toEqual(['keep me']);
    expect(await texts(ben)).toEqual(['keep me']);
  });
});

describe('a long absence', () => {
  it('of which the log does not know any more has the chat load its history', async () => {
    const { gate, prepare } = createGate();
    const ben = await arrives('Ben', prepare);
    const ada = await arrives('Ada');
    await ada.opensChatWith('Ben');
    await ben.opensChatWith('Your Secret Santa');
    await ada.says('before');
    await ben.reads('before');

    gate.isOpen = false;
    await redngift.server.kill();
    await redngift.server.start();
    await reconnects(ada);
    await ben.sees('backoff');
    await ada.says('while Ben is away');
    await vi.waitFor(async () =>
      expect(await ada.page.getByText(/Waiting to be sent|Sending…/).count()).toBe(0),
    );
    const loads: string[] = [];
    ben.page.on('request', (request) => loads.push(new URL(request.url()).pathname));
    redngift.server.forgetsLogs();
    gate.isOpen = true;
    await reconnects(ben);
    await ben.reads('while Ben is away');
    expect(loads.filter((path) => path.endsWith('/messages'))).toHaveLength(1);
    await ada.sees('open', 40_000);
    await ada.says('and after');
    await ben.reads('and after');
    expect(await texts(ben)).toEqual(['before', 'while Ben is away', 'and after']);
  });
});

describe('logging out', () => {
  it('with a message that waits asks first', async () => {
    const ada = await arrives('Ada');
    await ada.opensChatWith('Ben');
    await redngift.server.kill();
    await ada.sees('backoff');
    await ada.says('not sent yet');
    await ada.page.getByRole('button', { name: 'Log out' }).click();
    const question = ada.page.getByRole('dialog', { name: 'Log out now?' });
    await question.getByText('One message is not sent yet.').waitFor();
    await ada.page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    await ada.bubble('not sent yet').waitFor();
    await ada.page.getByRole('button', { name: 'Log out' }).click();
    await question.getByRole('button', { name: 'Delete and log out' }).click();
    await ada.seesToast('1 unsent message was deleted.');
    await redngift.server.start();
    await ada.signsIn(redngift.server.url);
    await ada.opensChatWith('Ben');
    await ada.page.getByText('You drew Ben!').waitFor();
    expect(await texts(ada)).toEqual([]);
  });
});
