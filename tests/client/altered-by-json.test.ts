import { runInNewContext } from 'node:vm';
import type { OutgoingMessage } from 'statesocket';
import { createScenario } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

const setUp = () => {
  const scenario = createScenario();
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return scenario;
};

/** Every word said of the messages, which were all sent. */
const saidOf = (...messages: readonly OutgoingMessage[]) => {
  const { connection, server, errors } = setUp();
  for (const message of messages) expect(connection.send(message)).toBe('sent');
  expect(server.received).toHaveLength(messages.length);
  connection.dispose();
  expect(errors.filter(({ code }) => code !== 'message-altered')).toEqual([]);
  return errors.map(({ message }) => message);
};

describe('a message that JSON alters', () => {
  it.each([
    [new Map([['a', 1]]), 'a Map'],
    [new Set([1]), 'a Set'],
    [runInNewContext('new Map([["a", 1]])'), 'a Map'],
    [new Error('no'), 'an Error'],
    [/x/, 'a RegExp'],
    [Promise.resolve(), 'a Promise'],
    [new ArrayBuffer(8), 'an ArrayBuffer'],
    [new Uint8Array(2), 'a Uint8Array'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [new Date(Number.NaN), 'an invalid Date'],
    [[undefined], 'undefined in an array'],
    [[() => {}], 'a function'],
    [() => {}, 'a function'],
    [Symbol('x'), 'a symbol'],
    [{ deep: [{ er: new Map() }] }, 'a Map'],
  ])('by %o is sent, and one word says what was lost, and where', (value, loss) => {
    expect(saidOf({ type: 'CHAT', text: 'hi', tags: value } as { type: string })).toEqual([
      `JSON cannot hold all of a CHAT message: it has ${loss}, in "tags". It was sent so.`,
    ]);
  });

  it('is told of with what becomes of it, and what to send instead', async () => {
    const { connection, errors } = setUp();
    connection.send({ type: 'CHAT', tags: new Map() } as { type: string });
    connection.dispose();
    await vi.waitFor(() => expect(errors[0]?.message).toMatch(/A Map, Set,.* becomes \{\}.*Send plain data/));
  });

  it('is looked for in the first three of a type, and then in those whose text shows a trace: the others cost no second look', () => {
    const { connection } = setUp();
    let looks = 0;
    const message = {
      type: 'CHAT',
      get text() {
        looks += 1;
        return 'hi';
      },
    };
    const looksAt = (): number => {
      looks = 0;
      connection.send(message);
      return looks;
    };
    const [first = 0, , , fourth = 0] = [looksAt(), looksAt(), looksAt(), looksAt()];
    expect(fourth).toBeLessThan(first);
    connection.dispose();
  });

  it('is told once a type, and late: the thousandth may be the first', () => {
    const nan = { type: 'POINT', x: Number.NaN };
    const fine = Array.from({ length: 1_000 }, () => ({ type: 'POINT', x: 1 }));
    expect(saidOf(...fine, nan, nan, { type: 'OTHER', x: Number.NaN })).toHaveLength(2);
  });

  it.each([
    [{ a: undefined }],
    [{ a: null, b: [null], c: {}, d: [] }],
    [{ at: new Date(0) }],
    [{ a: -0, b: 1e300, c: '', d: 'NaN', e: 'null', f: '{}' }],
    [{ money: { toJSON: () => '5 EUR' } }],
    [
      {
        lost: new (class extends Map {
          toJSON = () => [...this];
        })(),
      },
    ],
    [
      new (class Point {
        x = 1;
      })(),
    ],
    [Object.create(null, { a: { value: 1, enumerable: true } })],
    [{ [Symbol('x')]: new Map() }],
    [{ boxed: Object('text') }],
  ])('is not one that holds %o: nothing is said', (value) =>
    expect(saidOf({ type: 'CHAT', value } as { type: string })).toEqual([]),
  );

  it('breaks nothing where a getter throws at the second reading, or the message is deep', () => {
    let readCount = 0;
    const moody = {
      type: 'MOODY',
      get a() {
        readCount += 1;
        if (readCount > 1) throw new Error('no more');
        return null;
      },
    };
    let deep: unknown = new Map();
    for (let depth = 0; depth < 2_000; depth += 1) deep = [deep];
    expect(saidOf(moody, { type: 'DEEP', deep } as { type: string })).toEqual([]);
  });

  it('quotes no value, and remembers a bounded number of types', () => {
    const said = saidOf(
      ...Array.from({ length: 400 }, (_, index) => ({ type: `T${index}`, secret: [Number.NaN, 'hunter2'] })),
    );
    expect(said).toHaveLength(256);
    expect(said.join()).not.toContain('hunter2');
  });
});
