import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createVirtualClock } from 'statesocket/testing';
import { expect, it } from 'vitest';
import { createMapStore } from './support/map-store.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapBytes = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

/** One that never opens, and that nobody keeps. */
class NoSocket {
  readonly readyState = 0;
  binaryType = 'blob';
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  send(): void {}
  close(): void {}
}

const COUNT = 5_000;

it('a change of user leaves nothing behind: thousands of them cost less than 40 bytes each', async () => {
  const connection = createConnection({
    url: 'wss://server.test/',
    WebSocket: NoSocket as never,
    clock: createVirtualClock(),
    delivery: durableDelivery({ durable: () => true, storage: createMapStore() }),
  });
  const changes = async (): Promise<void> => {
    for (let n = 0; n < COUNT; n += 1) {
      connection.connect({ userId: n % 2 === 0 ? 'ada' : 'ben' });
      if (n % 50 === 0) await setImmediate();
    }
    connection.disconnect();
    await setImmediate();
  };
  await changes();
  const before = heapBytes();
  await changes();
  expect((heapBytes() - before) / COUNT).toBeLessThan(40);
  connection.dispose();
}, 60_000);
