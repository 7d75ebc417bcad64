import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bytesOf, isArrayBuffer, isError } from '../../src/lib/realms.ts';

describe('an ArrayBuffer', () => {
  it('is known, of another realm too', () => {
    expect([new ArrayBuffer(3), runInNewContext('new ArrayBuffer(3)')].map(isArrayBuffer)).toEqual([
      true,
      true,
    ]);
  });

  it.each([
    ['a view', new Uint8Array(3)],
    ['a shared one', new SharedArrayBuffer(3)],
    ['an object that says so', { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 3 }],
    ['a text', 'bytes'],
    ['a function', () => {}],
    ['null', null],
    ['undefined', undefined],
  ])('is not: %s', (_, value) => expect(isArrayBuffer(value)).toBe(false));
});

describe('the bytes of a binary frame', () => {
  it('are the buffer itself, or that of a view of all of it', () => {
    const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
    expect(bytesOf(buffer)).toBe(buffer);
    expect(bytesOf(new Uint8Array(buffer))).toBe(buffer);
  });

  it('are copied out of a view of a part', () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4, 5]);
    const part = bytesOf(new Uint8Array(buffer, 1, 2));
    expect(part).not.toBe(buffer);
    expect([...new Uint8Array(part ?? new ArrayBuffer(0))]).toEqual([2, 3]);
    expect([...new Uint8Array(bytesOf(new Uint8Array(buffer, 0, 2)) ?? buffer)]).toEqual([1, 2]);
  });

  it('are none of a view of shared memory, of a text, or of an object with a buffer', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    expect([shared, 'text', { buffer: new ArrayBuffer(2) }, null].map(bytesOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('an error', () => {
  it('is known, of another realm too, and one of the DOM', () => {
    const errors = [new TypeError('a'), runInNewContext('new RangeError("a")'), new DOMException('a')];
    expect(errors.map(isError)).toEqual([true, true, true]);
    expect(isError({ [Symbol.toStringTag]: 'DOMException' })).toBe(true);
  });

  it.each([
    ['an object with a message', { message: 'a' }],
    ['a tag that only ends like one', { [Symbol.toStringTag]: 'a[object Error' }],
    ['a tag that only begins like one', { [Symbol.toStringTag]: 'Error]x' }],
    ['a text', 'Error'],
    ['null', null],
  ])('is not: %s', (_, value) => expect(isError(value)).toBe(false));
});
