import * as fc from 'fast-check';
import { decodeFrame, MAX_DEPTH_COUNT, MAX_PAYLOAD_BYTES, StatesocketError } from 'statesocket/protocol';
import { describe, expect, it, vi } from 'vitest';

/** Spells every character of a name as a JSON escape, as a sender may who hopes for a filter on the text. */
const escaped = (name: string): string =>
  [...name].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

const nested = (levels: number, open: string, close: string): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

const isRefused = (text: string): boolean => {
  const answer = decodeFrame(text);
  return answer instanceof StatesocketError && answer.code === 'malformed-frame';
};

describe('I16 a key that could reach a prototype is refused', () => {
  it.each([
    ['at the top', '{"__proto__":1}'],
    ['in a member', '{"a":{"b":{"__proto__":{}}}}'],
    ['in an array', '[{"a":1},[{"__proto__":null}]]'],
    ['spelled in escapes', `{"a":{"${escaped('__proto__')}":{}}}`],
    ['as constructor.prototype', '{"a":{"constructor":{"prototype":{}}}}'],
    ['as constructor.prototype in escapes', `{"${escaped('constructor')}":{"${escaped('prototype')}":1}}`],
    ['beside a harmless one of the same name', '{"__proto__":1,"type":"A"}'],
    ['inside a constructor', '{"constructor":{"__proto__":1}}'],
  ])('%s', (_, text) => {
    expect(isRefused(text)).toBe(true);
  });

  it('at any place of any value, however it is spelled', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.array(fc.constantFrom('array', 'object'), { maxLength: 8 }),
        fc.boolean(),
        (harmless, path, inEscapes) => {
          const name = inEscapes ? escaped('__proto__') : '__proto__';
          const text = path.reduce(
            (inner, kind) => (kind === 'array' ? `[0,${inner}]` : `{"before":0,"a":${inner}}`),
            `{"${name}":${JSON.stringify(harmless)}}`,
          );
          expect(isRefused(text)).toBe(true);
        },
      ),
    );
  });
});

describe('what only looks like it is delivered as it is', () => {
  it.each([
    ['a constructor that is text', '{"constructor":"Ada"}'],
    ['a constructor without a prototype', '{"constructor":{"name":"Ada"}}'],
    ['a prototype by itself', '{"prototype":{"a":1}}'],
    ['text about __proto__', '{"text":"\\"__proto__\\": what is that?"}'],
    ['a longer name', '{"x__proto__":1,"__proto__x":2}'],
  ])('%s', (_, text) => {
    expect(decodeFrame(text)).toEqual(JSON.parse(text));
  });
});

it('an array is judged by its members alone, whatever a polyfill has put on every array', () => {
  Object.defineProperty(Array.prototype, 'polyfill', {
    value: { constructor: { prototype: {} } },
    enumerable: true,
    configurable: true,
  });
  try {
    expect(decodeFrame('[{"type":"A"}]')).not.toBeInstanceOf(StatesocketError);
  } finally {
    Reflect.deleteProperty(Array.prototype, 'polyfill');
  }
});

describe('I16 nesting has a limit', () => {
  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('%s pass at the limit and are refused one level deeper', (_, open, close) => {
    expect(decodeFrame(nested(MAX_DEPTH_COUNT, open, close))).toEqual(
      JSON.parse(nested(MAX_DEPTH_COUNT, open, close)),
    );
    expect(isRefused(nested(MAX_DEPTH_COUNT + 1, open, close))).toBe(true);
  });

  it('a hundred thousand brackets are refused without a throw', () => {
    expect(isRefused(nested(100_000, '[', ']'))).toBe(true);
    expect(isRefused('['.repeat(100_000))).toBe(true);
  });

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['arrays behind a long text', `["${'x'.repeat(20_000)}",[`, ']]'],
  ])('a MiB of %s is refused before JSON.parse, which would take a second', (_, open, close) => {
    const parse = vi.spyOn(JSON, 'parse');
    const levels = Math.floor(MAX_PAYLOAD_BYTES / (open.length + close.length));
    expect(isRefused(nested(Math.max(MAX_DEPTH_COUNT, levels), open, close))).toBe(true);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it.each([
    ['brackets', '[[[{{{'],
    ['quotes and brackets', '"["["['],
    ['backslashes before a quote', '\\\\"[[['],
    ['a backslash at its end', '[[[\\'],
  ])('a long text may hold %s as often as it likes', (_, piece) => {
    const text = JSON.stringify({ type: 'A', text: piece.repeat(10_000), deep: { n: [[1]] } });
    expect(decodeFrame(text)).toEqual(JSON.parse(text));
  });

  it('is the same limit for short frames and long ones', () => {
    const padding = 'x'.repeat(20_000);
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }),
        fc.array(fc.constantFrom('array', 'object', 'text'), { minLength: 50, maxLength: 80 }),
        (inner, path) => {
          const value = path.reduce<unknown>((within, kind) => {
            if (kind === 'array') return ['\\"[', within, '{'];
            return kind === 'object' ? { '"]\\': within } : within;
          }, inner);
          const [short, long] = [JSON.stringify([value, '']), JSON.stringify([value, padding])];
          expect(isRefused(long)).toBe(isRefused(short));
        },
      ),
    );
  });
});

it('an error quotes nothing of the frame', () => {
  const answer = decodeFrame('{"secret":"s3cret", oops');
  expect(answer).toBeInstanceOf(StatesocketError);
  expect(String(answer)).not.toContain('s3cret');
  expect((answer as StatesocketError).cause).toBeUndefined();
});
