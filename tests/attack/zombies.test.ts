import { describe, expect, it, vi } from 'vitest';
import { startGateway } from '../gateway/support/gateway-harness.ts';
import { createVirtualClock } from '../gateway/support/virtual-clock.ts';

const MAX_COUNT = 16;

describe("the dead sockets of one's own flaky link", () => {
  it('refuse nobody: the seventeenth dial is served, and one of them goes 2 s later', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock });
    const zombies = [];
    for (let n = 0; n < MAX_COUNT; n += 1) zombies.push(await connect('anna', { autoPong: false }));

    const page = await connect('anna');
    clock.advance(2_000);
    await page.caughtUp();

    expect(gateway.connectionCount).toBe(MAX_COUNT);
    expect(await zombies[0]?.closed).toMatchObject({ code: 4429 });
    gateway.publishVolatile(['anna'], { type: 'TYPING' });
    await page.caughtUp();
    expect(page.of('TYPING')).toHaveLength(1);
  });
});

describe('ten living tabs, a phone, and a page that dials on and on', () => {
  it('keep their sockets: it is refused each time, and nobody is displaced', async () => {
    const clock = createVirtualClock();
    const { connect, dial, gateway } = await startGateway({ clock });
    const living = [];
    for (let n = 0; n < MAX_COUNT; n += 1) living.push(await connect('anna'));

    for (let n = 0; n < 50; n += 1) {
      expect((await dial('anna').closed).code).toBe(4429);
      clock.advance(500);
      for (const socket of living) await socket.caughtUp();
    }

    await vi.waitFor(() => expect(gateway.connectionCount).toBe(MAX_COUNT));
    expect(living.map(({ ws }) => ws.readyState)).toEqual(living.map(() => 1));
  });
});
