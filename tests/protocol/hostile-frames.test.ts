import * as fc from 'fast-check';
import { decodeFrame, MAX_DEPTH_COUNT, StatesocketError } from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';

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
});

it('an error quotes nothing of the frame', () => {
  const answer = decodeFrame('{"secret":"s3cret", oops');
  expect(answer).toBeInstanceOf(StatesocketError);
  expect(String(answer)).not.toContain('s3cret');
  expect((answer as StatesocketError).cause).toBeUndefined();
});
