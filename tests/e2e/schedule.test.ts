import { describe, expect, it } from 'vitest';
import type { Person } from './support/person.ts';
import { welcomePeople } from './support/redngift-people.ts';

/** The documented schedule in a real browser: the page's clock is in the test's hands, the schedule is unchanged. */

const people = welcomePeople();
let ada: Person;

/** Waits in real time until the network has answered the attempt under way. */
const attemptEnds = async (): Promise<string | null> => {
  for (;;) {
    const status = await ada.status();
    if (status !== 'connecting') return status;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('a server that stays away', () => {
  it('is dialled again after 0, 10, 20 … 190 s; after 21 failures it has failed, says so, and a person can retry', async () => {
    ada = await people.arrives('Ada', ({ page }) => page.clock.install());
    const waits: number[] = [];
    let waitedS = 0;
    // An attempt begins with a ticket: where the server gives none, nothing is dialled.
    let askedCount = 0;
    ada.page.on('request', (request) => {
      if (request.url().endsWith('/api/ticket')) askedCount += 1;
    });
    let attempts = 0;
    await people.server.kill();
    await ada.sees('backoff');

    while ((await attemptEnds()) !== 'failed') {
      if (askedCount > attempts) {
        waits.push(waitedS);
        waitedS = 0;
        attempts = askedCount;
      }
      await ada.page.clock.runFor(2_000);
      waitedS += 2;
    }
    waits.push(waitedS);

    // The socket that was open, then one attempt for each of 20 retries: the last of 21 failures ends it.
    expect(askedCount).toBe(20);
    expect(ada.sockets.length).toBe(1);
    expect(waits.map((seconds) => Math.round(seconds / 10) * 10)).toEqual(
      Array.from({ length: 20 }, (_, retry) => retry * 10),
    );
    await ada.seesToast('Unable to connect to real-time server.');
    expect(ada.console).toContain('Max retries reached. WebSocket connection failed.');

    await ada.page.clock.runFor(3_600_000);
    expect(askedCount).toBe(20);

    await people.server.start();
    await ada.page.getByRole('button', { name: 'Reconnect now' }).click();
    await ada.sees('open');
    expect(ada.liveSockets.length).toBe(1);
  }, 180_000);
});
