import { describe, expect, it } from 'vitest';
import { memoryEngine } from '../../src/gateway/index.ts';
import { startHub } from './support/hub-harness.ts';

describe('an engine of the app’s own that throws when a socket subscribes', () => {
  it('costs that socket alone: closed with 1013, reported, and nobody is left online', async () => {
    const memory = memoryEngine();
    const hub = startHub({
      engine: {
        ...memory,
        subscribe(userId, doorbell) {
          if (userId === 'anna') throw new Error('no more subscriptions');
          return memory.subscribe(userId, doorbell);
        },
      },
    });

    const anna = await hub.connect('anna');
    const bert = await hub.connect('bert');
    await bert.resume(null);
    hub.clock.passes(3_000);

    expect(anna.closeCode).toBe(1013);
    expect(hub.codes).toEqual(['engine-failed']);
    expect(bert.types).toEqual(['WELCOME', 'RESUMED', 'PRESENCE']);
    expect([hub.hub.connectionCount, hub.hub.isOnline('anna'), hub.hub.isOnline('bert')]).toEqual([
      1,
      false,
      true,
    ]);
  });
});

describe('disconnectUser', () => {
  it('closes the sockets of that user with that code, and of nobody whose name is like it', async () => {
    const { hub, connect } = startHub();
    const [first, second, other] = [await connect('anna'), await connect('anna'), await connect('anna ')];

    hub.disconnectUser('anna', 4403, 'gone');

    expect([first, second, other].map((peer) => peer.closeCode)).toEqual([4403, 4403, null]);
    expect(hub.connectionCount).toBe(1);
  });
});
