import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { startGateway, tokenOf } from '../gateway/support/gateway-harness.ts';
import { clientFrame } from './support/client-frame.ts';
import { openAttacker } from './support/gateway-process.ts';

const MAX_COUNT = 16;

describe("the dead sockets of one's own flaky link", () => {
  it('refuse nobody: the seventeenth dial is served, and one of them goes 2 s later', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock });
    const zombies = [];
    for (let n = 0; n < MAX_COUNT; n += 1) zombies.push(await connect('anna', { autoPong: false }));

    const page = await connect('anna');
    clock.passes(2_000);
    await page.caughtUp();

    expect(gateway.connectionCount).toBe(MAX_COUNT);
    expect(await zombies[0]?.closed).toMatchObject({ code: 4429 });
    gateway.publishVolatile(['anna'], { type: 'TYPING' });
    await page.caughtUp();
    expect(page.of('TYPING')).toHaveLength(1);
  });
});

describe('dead sockets beside one that uploads as much as it may, and more', () => {
  it('are dropped as at any other time, and live ones are not', async () => {
    const { port, connect, gateway } = await startGateway({ heartbeatMs: 1_000, maxBytesPerSecond: 500_000 });
    for (let n = 0; n < 14; n += 1) await connect('anna', { autoPong: false });
    const idle = await connect('anna');
    const upload = await openAttacker(port, tokenOf('anna'));
    upload.flood(clientFrame(2, Buffer.alloc(400_000)));

    await vi.waitFor(() => expect(gateway.connectionCount).toBe(2), { timeout: 20_000 });
    const page = await connect('anna');
    await new Promise((resolve) => setTimeout(resolve, 2_500));

    upload.stop();
    expect(gateway.connectionCount).toBe(3);
    expect([idle.ws.readyState, page.ws.readyState]).toEqual([1, 1]);
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
      clock.passes(500);
      for (const socket of living) await socket.caughtUp();
    }

    await vi.waitFor(() => expect(gateway.connectionCount).toBe(MAX_COUNT));
    expect(living.map(({ ws }) => ws.readyState)).toEqual(living.map(() => 1));
  });
});
