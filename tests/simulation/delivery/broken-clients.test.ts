import { type Connection, type ConnectionOptions, createConnection, type WireMessage } from 'statesocket';
import { describe, expect, it } from 'vitest';
import type { Parts } from './parts.ts';
import { original } from './parts.ts';
import { run } from './run.ts';
import { scenarioOf } from './scenarios.ts';

type Listener = (message: WireMessage) => void;

/** A client that does not keep its word about durable messages: what its listeners get is bent. */
const bent = (bend: (listener: Listener) => Listener): Parts => ({
  ...original,
  createConnection: ((options: ConnectionOptions<WireMessage>): Connection<WireMessage> => {
    const connection = createConnection(options);
    const on = ((type: string, listener: Listener) =>
      connection.on(type, type === 'SAID' ? bend(listener) : listener)) as typeof connection.on;
    return Object.create(connection, { on: { value: on } });
  }) as Parts['createConnection'],
});

const dropping = bent((listener) => {
  let count = 0;
  return (message) => {
    count += 1;
    if (count !== 3) listener(message);
  };
});
const doubling = bent((listener) => {
  let count = 0;
  return (message) => {
    count += 1;
    listener(message);
    if (count === 3) listener(message);
  };
});
const swapping = bent((listener) => {
  let kept: WireMessage | null = null;
  return (message) => {
    const [before, after] = kept === null ? [null, null] : [message, kept];
    kept = kept === null ? message : null;
    if (before === null || after === null) return;
    listener(before);
    listener(after);
  };
});
/** Says of each message that it is on its way, and sends none. */
const lying: Parts = {
  ...original,
  createConnection: ((options: ConnectionOptions<WireMessage>): Connection<WireMessage> =>
    Object.create(createConnection(options), {
      send: { value: () => 'queued' },
    })) as Parts['createConnection'],
};

describe('a client that is broken on purpose', () => {
  const { plan } = scenarioOf('more than ten messages');
  const foundIn = async (parts: Parts) =>
    new Set((await run(plan, parts)).breaches.map(({ rule, kind }) => `${rule} ${kind}`));

  it('is caught when it drops a message', async () => {
    expect([...(await foundIn(dropping))]).toEqual(expect.arrayContaining(['I5 lost', 'I7 lost']));
  });
  it('is caught when it applies a message twice', async () => {
    expect([...(await foundIn(doubling))]).toContain('I4 duplicated');
  });
  it('is caught when it swaps two messages', async () => {
    expect([...(await foundIn(swapping))]).toEqual(expect.arrayContaining(['I5 lost', 'I5 reordered']));
  });
  it('is caught when it takes commands and sends none', async () => {
    expect([...(await foundIn(lying))]).toEqual(['I2 lost']);
  });
});
