import * as fc from 'fast-check';
import { decodeFrame, StatesocketError } from 'statesocket/protocol';
import { describe, expect, it, vi } from 'vitest';

/** Long enough to be judged as a text, before it is parsed. */
const PADDING = 'x'.repeat(20_000);

const isRefused = (text: string): boolean => decodeFrame(text) instanceof StatesocketError;
const refusedAsText = (text: string): boolean => {
  const parse = vi.spyOn(JSON, 'parse');
  try {
    return isRefused(text) && !parse.mock.calls.some(([parsed]) => parsed === text);
  } finally {
    parse.mockRestore();
  }
};
const spell = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

describe('a long text is refused before it is parsed (I16)', () => {
  it.each([
    ['__proto__', '{"__proto__":1}'],
    ['__proto__ within lists', '[[{"a":[{"__proto__":1}]}]]'],
    ['__proto__ with white space before its colon', '{"__proto__" \t\r\n :1}'],
    ['one escape in it', `{"__pr${spell('o')}to__":1}`],
    ['an escape with capital letters', '{"\\u005F_proto__":1}'],
    ['nothing but escapes in it', `{"${[...'__proto__'].map(spell).join('')}":1}`],
    ['constructor.prototype', '{"constructor":{"prototype":1}}'],
    ['constructor.prototype after other members', '{"constructor":{"a":{"b":[{}]},"prototype":1}}'],
    [
      'constructor.prototype in nothing but escapes',
      `{"${[...'constructor'].map(spell).join('')}":{"${[...'prototype'].map(spell).join('')}":1}}`,
    ],
  ])('for %s', (_, text) => {
    expect(refusedAsText(`["${PADDING}",${text}]`)).toBe(true);
    expect(refusedAsText(`[${text},"${PADDING}"]`)).toBe(true);
  });

  it.each([
    ['the name as a text', '["__proto__","constructor"]'],
    ['the name as a text that looks like a key', '{"a":"\\"__proto__\\":1","b":"\\\\"}'],
    ['a list of prototypes of a constructor', '{"constructor":[{"prototype":1}]}'],
    ['a prototype deeper in a constructor', '{"constructor":{"a":{"prototype":1}}}'],
    [
      'a prototype beside a constructor',
      '[{"constructor":1},{"prototype":1},{"constructor":{}},{"prototype":1}]',
    ],
    [
      'a prototype after a constructor has ended',
      '{"constructor":{"a":1},"b":{"prototype":1},"prototype":1}',
    ],
    ['a prototype in the member after a constructor', '{"constructor":"Ada","b":{"prototype":1}}'],
    ['longer names', '{"__proto__x":1,"x__proto__":1,"constructors":{"prototype":1}}'],
  ])('and not for %s', (_, text) => {
    const long = `["${PADDING}",${text}]`;
    expect(decodeFrame(long)).toEqual(JSON.parse(long));
  });
});

it('a frame is judged alike as a short one, by its value, and as a long one, by its text (I16)', () => {
  const name = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '"', '\\', 'x:', 'constructor"');
  const spelled = (key: string, inEscapes: boolean) =>
    inEscapes ? `"${[...key].map(spell).join('')}"` : JSON.stringify(key);
  const text = fc.letrec<{ value: string; object: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom('1', 'null', '"{"', '"\\"["', '"__proto__"', '""'),
      tie('object'),
      fc.array(tie('value'), { maxLength: 3 }).map((members) => `[ ${members.join(' , ')} ]`),
    ),
    // Each name once: of two the last counts in a value, and both in a text.
    object: fc
      .uniqueArray(fc.tuple(name, fc.boolean(), tie('value')), { maxLength: 4, selector: ([key]) => key })
      .map(
        (members) =>
          `{${members.map(([key, inEscapes, value]) => `${spelled(key, inEscapes)} :${value}`).join()}}`,
      ),
  })).value;
  fc.assert(
    fc.property(text, (inner) => {
      expect(isRefused(`[${inner},"${PADDING}"]`)).toBe(isRefused(`[${inner},""]`));
    }),
    { numRuns: 2_000 },
  );
});
