import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

const setUp = () => {
  const scenario = createScenario({ ack: true });
  const { connection, server } = scenario;
  const heard: unknown[] = [];
  connection.onMessage((message) => void heard.push(message));
  connection.connect({ userId: 'ada' });
  server.accepts();
  return { ...scenario, heard, status: () => connection.delivery.getSnapshot().status };
};

describe('without the option delivery', () => {
  it('every server is a plain one from its first frame on, and there is nothing to negotiate', () => {
    const { server, heard, status } = setUp();
    expect(status()).toBe('plain');
    server.sends({ type: 'A', id: 'x' });
    expect(heard).toEqual([{ type: 'A', id: 'x' }]);
    expect(server.received).toEqual([{ type: 'ACK', messageId: 'x' }]);
    server.closes(1006);
    expect(status()).toBe('waiting');
  });

  it('I12 a server that says WELCOME is reported once, with what to write, and then is a plain one', async () => {
    const { server, errors, clock, heard, status } = setUp();
    server.welcomes();
    server.sends({ type: 'A' });
    server.closes(1006);
    clock.passes(10_000);
    server.accepts();
    server.welcomes();
    server.sends({ type: 'B' });
    expect(errors).toMatchObject([
      {
        code: 'delivery-missing',
        message: expect.stringMatching(
          /The server speaks the delivery extension.*is lost. This is said once/,
        ),
      },
    ]);
    await vi.waitFor(() =>
      expect(errors[0]?.message).toContain("import { durableDelivery } from 'statesocket/delivery'"),
    );
    expect(heard).toEqual([{ type: 'A' }, { type: 'B' }]);
    expect(server.received).toEqual([]);
    expect(status()).toBe('plain');
  });

  it('the outbox is empty, nothing is durable, and no discontinuity is heard of', () => {
    const { connection, server, errors } = setUp();
    connection.onDiscontinuity(() => {
      throw new Error('There is none.');
    });
    server.closes(1006);
    expect(connection.send({ type: 'SAY' })).toBe('refused');
    expect(connection.outbox.entries).toEqual([]);
    expect(errors.map(({ code }) => code)).toEqual(['not-connected']);
  });

  it('nothing is delivered any more after dispose: it waits, for good', () => {
    const { connection, status } = setUp();
    connection.dispose();
    expect(status()).toBe('waiting');
  });

  it('subscribers of delivery hear of each socket, and one that throws is reported', () => {
    const { connection, server, errors, status } = setUp();
    const seen: string[] = [];
    connection.delivery.subscribe(() => {
      seen.push(status());
      throw new Error('mine');
    });
    server.closes(1006);
    expect(seen).toEqual(['waiting']);
    expect(errors).toMatchObject([
      {
        code: 'listener-failed',
        message: expect.stringContaining('A subscriber of delivery threw or rejected'),
      },
    ]);
  });
});

describe('the options as they were before statesocket/delivery', () => {
  const make = (options: object) => () =>
    createConnection({ url: 'wss://x.test/', WebSocket: createFakeServer().WebSocket, ...options });

  it.each([
    [
      'delivery as plain settings',
      { delivery: { durable: () => true } },
      /durableDelivery\(\{ durable: … \}\)/,
    ],
    ['delivery that is no object', { delivery: true }, /durableDelivery\(\{ durable: … \}\)/],
    ['server beside it', { server: 'statesocket' }, /durableDelivery\(\{ server: … \}\)/],
  ])('%s is bad-option, and says what to write', (_, options, words) => {
    expect(make(options)).toThrow(words);
    expect(make(options)).toThrow(/import \{ durableDelivery \} from 'statesocket\/delivery'/);
    expect(make(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  it.each<[object, RegExp]>([
    [{ durable: 'CHAT' }, /durable must be a function/],
    [{ storage: 'disk' }, /storage must be/],
    [{ server: 'plain' }, /server must be/],
    [{ maxCount: 0 }, /maxCount must be/],
    [{ maxAgeMs: 8 * 24 * 60 * 60 * 1_000 }, /maxAgeMs must be/],
  ])('durableDelivery(%o) is bad-option', (settings, words) => {
    expect(() => durableDelivery(settings)).toThrow(words);
    expect(() => durableDelivery(settings)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});
