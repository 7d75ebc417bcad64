import { type Codec, StatesocketError } from 'statesocket';
import { describe, expect, it } from 'vitest';
import { decodeBy, encodeBy } from '../../src/protocol/codec.ts';

const decoding = (decode: () => unknown): Codec => ({ decode, encode: () => '' });
const read = (value: unknown) =>
  decodeBy(
    decoding(() => value),
    'frame',
  );
const refusal = (result: unknown): string =>
  result instanceof StatesocketError ? `${result.code}: ${result.message}` : 'let through';
const dropped = (why: string): string => `malformed-frame: A frame was dropped: ${why}.`;
const nested = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>((inner) => ({ inner }), 7);

const PROTOTYPE = dropped('it has a key that could reach a prototype');

describe('a frame that a codec reads', () => {
  it('is what the codec makes of it, with maps, sets, bytes, dates and what stands in two places', () => {
    const same = { same: true };
    const message = {
      type: 'A',
      map: new Map([[{ key: 1 }, same]]),
      set: new Set([same]),
      bytes: new Uint8Array(3),
      buffer: new ArrayBuffer(2),
      at: new Date(0),
      list: [same, null, undefined],
      bare: Object.create(null) as object,
    };
    expect(read(message)).toBe(message);
    expect(read(undefined)).toBeUndefined();
    expect(read([message])).toEqual([message]);
    expect(read({ type: 'BATCH', messages: [message] })).toEqual([message]);
  });

  it('is dropped where it holds itself: that is deeper than any limit', () => {
    const message: Record<string, unknown> = { type: 'A' };
    message.self = message;
    expect(refusal(read(message))).toContain('64 levels');
  });

  it('may hold the same part twice at each level: it is walked once', () => {
    const shared = Array.from({ length: 60 }).reduce<unknown>((inner) => ({ a: inner, b: inner }), 7);
    expect(refusal(read(shared))).toBe('let through');
  });

  it('may be 64 levels deep, and no deeper, wherever the depth is', () => {
    expect(refusal(read(nested(64)))).toBe('let through');
    const tooDeep = refusal(read(nested(65)));
    expect(tooDeep).toContain('64 levels');
    expect(refusal(read([nested(64)]))).toBe(tooDeep);
    expect(refusal(read(new Set([nested(64)])))).toBe(tooDeep);
    expect(refusal(read(new Map([[1, nested(64)]])))).toBe(tooDeep);
  });

  it('is walked again where a part of it lies deeper than before', () => {
    const part = nested(60);
    const deeper = { a: part, b: { b: { b: { b: { b: part } } } } };
    expect(refusal(read(deeper))).toContain('64 levels');
  });

  it.each([
    ['an own key __proto__', JSON.parse('{"a":{"__proto__":1}}')],
    ['a constructor with a prototype', { a: { constructor: { prototype: {} } } }],
    ['one in a list', [{ constructor: { prototype: {} } }]],
    ['one in a set', { a: new Set([{ constructor: { prototype: {} } }]) }],
    ['the second of a set', { a: new Set<object>([{ safe: 1 }, { constructor: { prototype: {} } }]) }],
    ['one in a map', { a: new Map([['key', { constructor: { prototype: {} } }]]) }],
  ])('is dropped for a key that could reach a prototype: %s', (_, value) => {
    expect(refusal(read(value))).toBe(PROTOTYPE);
  });

  it('is dropped for a prototype that came from the wire, and not for one of a class', () => {
    const foreign = dropped('it has a prototype that came from the wire');
    expect(refusal(read(Object.setPrototypeOf({}, { isAdmin: true })))).toBe(foreign);
    expect(refusal(read(Object.setPrototypeOf({}, { constructor: 'text' })))).toBe(foreign);
    expect(refusal(read(Object.setPrototypeOf({}, { constructor: Object })))).toBe(foreign);
    class Point {
      x = 1;
    }
    expect(refusal(read(new Point()))).toBe('let through');
  });

  it('is dropped where the codec throws or returns a promise, and quotes nothing of it', async () => {
    const thrower = decoding(() => {
      throw new Error('secret');
    });
    expect(refusal(decodeBy(thrower, 'frame'))).toBe(dropped('the codec has thrown while it decoded it'));
    expect(refusal(read(Promise.reject(new Error('nobody waits'))))).toBe(
      dropped('the codec has returned a promise, and order needs a message at once'),
    );
    await new Promise((resolve) => setTimeout(resolve));
  });
});

describe('a message that a codec writes', () => {
  const written = (frame: unknown) =>
    encodeBy({ decode: () => undefined, encode: () => frame as string }, { type: 'A' });

  it.each([
    ['text', 'frame'],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['a view', new Uint8Array(2)],
    ['a DataView', new DataView(new ArrayBuffer(2))],
  ])('is %s', (_, frame) => expect(written(frame)).toBe(frame));

  it.each([
    ['a number', 7],
    ['nothing', undefined],
    ['an object', {}],
  ])('is refused as %s', (_, frame) => {
    expect(() => written(frame)).toThrow(
      new TypeError('codec.encode must return text, an ArrayBuffer or a view of one.'),
    );
  });

  it('is refused as a promise, whose rejection is taken', async () => {
    expect(() => written(Promise.reject(new Error('nobody waits')))).toThrow('codec.encode must return');
    await new Promise((resolve) => setTimeout(resolve));
  });
});
