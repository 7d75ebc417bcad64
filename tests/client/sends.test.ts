import { type ConnectionOptions, createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createScenario } from 'statesocket/testing';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

const ClientMessage = v.variant('type', [
  v.object({
    type: v.literal('CHAT'),
    text: v.pipe(v.string(), v.trim(), v.minLength(1)),
    urgent: v.optional(v.boolean(), false),
  }),
  v.object({ type: v.literal('BYE') }),
]);

/** What no type checker would let through. */
const untyped = <T>(value: unknown): T => value as T;

type Options = ConnectionOptions<{ type: string }>;

const setUp = (options: Pick<Options, 'sends' | 'delivery'> = { sends: ClientMessage }) => {
  const scenario = createScenario<{ type: string }>(options);
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return scenario;
};

describe('the option sends', () => {
  it('lets through what fits, as the schema makes it', () => {
    const { connection, server, errors } = setUp();
    expect(connection.send({ type: 'CHAT', text: '  hi ', secretDraft: 'x' })).toBe('sent');
    expect(connection.send({ type: 'BYE' })).toBe('sent');
    expect(server.received).toEqual([{ type: 'CHAT', text: 'hi', urgent: false }, { type: 'BYE' }]);
    expect(errors).toEqual([]);
    connection.dispose();
  });

  it.each([
    [{ type: 'CHAT' }, 'send() refused a CHAT message: it does not fit the sends schema at "text".'],
    [
      { type: 'CHAT', text: ' ' },
      'send() refused a CHAT message: it does not fit the sends schema at "text".',
    ],
    [
      { type: 'CHATT', text: 'secret' },
      'send() refused a CHATT message: the sends schema knows no such type.',
    ],
  ])('refuses %j, and says where it does not fit, without what it holds', (message, words) => {
    const { connection, server, errors } = setUp();
    expect(connection.send(message)).toBe('refused');
    expect(errors.map(({ code, message }) => [code, message])).toEqual([['message-refused', words]]);
    expect(server.received).toEqual([]);
    connection.dispose();
  });

  it.each([
    ['is asynchronous', async () => ({ value: {} }), 'the sends schema validates asynchronously'],
    ['rejects', () => Promise.reject(new Error('hostile')), 'the sends schema validates asynchronously'],
    [
      'throws',
      () => {
        throw new Error('hostile');
      },
      'the sends schema threw',
    ],
    [
      'makes no message of it',
      () => ({ value: 7 }),
      'the sends schema made something without a string type of it',
    ],
    ['returns nothing', () => undefined, 'the sends schema threw'],
  ])('that %s refuses, and says so', (_, validate, words) => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate } };
    const { connection, server, errors } = setUp({ sends: untyped(schema) });
    expect(connection.send({ type: 'CHAT' })).toBe('refused');
    expect(errors.map(({ code }) => code)).toEqual(['message-refused']);
    expect(errors[0]?.message).toContain(words);
    expect(server.received).toEqual([]);
    connection.dispose();
  });

  it('keeps what does not fit out of the outbox, and delivery.durable is asked of what fits', () => {
    const asked: unknown[] = [];
    const { connection, errors } = setUp({
      sends: ClientMessage,
      delivery: durableDelivery({
        durable: (message) => {
          asked.push(message);
          return true;
        },
      }),
    });
    expect(connection.send({ type: 'CHAT', text: 7 })).toBe('refused');
    expect(connection.outbox.entries).toEqual([]);
    connection.send({ type: 'CHAT', text: ' hi' });
    expect(asked).toEqual([{ type: 'CHAT', text: 'hi', urgent: false }]);
    expect(connection.outbox.entries.map(({ message }) => message)).toEqual(asked);
    expect(errors.map(({ code }) => code)).toEqual(['message-refused']);
    connection.logout();
    connection.dispose();
  });

  it.each([null, 7, {}, { '~standard': {} }])('as %j is refused at creation', (sends) => {
    expect(() => createConnection(untyped<Options>({ url: 'wss://server.test/', sends }))).toThrow(
      'sends must be a Standard Schema',
    );
  });
});
