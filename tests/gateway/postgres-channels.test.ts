import { describe, expect, it } from 'vitest';
import {
  createChannels,
  createJoiner,
  partsOf,
  payloadsOf,
  readTexts,
} from '../../src/gateway/postgres/channels.ts';

/** From so many bytes on Postgres refuses a payload. */
const REFUSED_BYTES = 8_000;
const sizeOf = (text: string) => Buffer.byteLength(text);
const NAME = `${'f'.repeat(18)} ${Number.MAX_SAFE_INTEGER}`;

describe('what is said on a channel of Postgres', () => {
  it.each(['x', 'é', '\ud83c\udf81', '"', '\\', '|'])(
    'fits into payloads whatever its length, and is put together again (%s)',
    (character) => {
      for (const bytes of [
        1, 3_900, 7_790, 7_799, 7_800, 7_801, 7_899, 7_900, 7_999, 8_000, 8_001, 15_600, 100_000,
      ]) {
        const text = character.repeat(Math.ceil(bytes / sizeOf(character)));
        const parts = partsOf(NAME, text);
        for (const part of parts) expect(sizeOf(part)).toBeLessThan(REFUSED_BYTES);
        const join = createJoiner();
        expect(parts.map(join)).toEqual([...parts.slice(1).map(() => null), text]);
      }
    },
  );

  it('is dropped as a whole when a part of it was missed, and the next is heard', () => {
    const join = createJoiner();
    const [first = '', , third = ''] = partsOf('a 1', 'x'.repeat(20_000));
    expect([first, third].map(join)).toEqual([null, null]);
    expect(partsOf('a 2', 'next').map(join)).toEqual(['next']);
    const begun = partsOf('a 3', 'y'.repeat(10_000));
    join(begun[0] ?? '');
    const other = partsOf('b 1', 'z'.repeat(10_000));
    expect(other.map(join)).toEqual([null, 'z'.repeat(10_000)]);
  });

  it('names as many users as fit, and the rest in further payloads', () => {
    const users = Array.from({ length: 2_000 }, (_, at) => `user é\u0000 ${at}`);
    const payloads = payloadsOf('process', users);
    for (const payload of payloads) expect(sizeOf(payload)).toBeLessThan(REFUSED_BYTES);
    const read = payloads.map((payload) => JSON.parse(payload) as string[]);
    expect(new Set(read.map(([first]) => first))).toEqual(new Set(['process']));
    expect(read.flatMap(([, ...rest]) => rest)).toEqual(users);
    expect(payloadsOf('process', ['x'.repeat(9_000), 'short'])).toEqual(['["process","short"]']);
    expect(payloadsOf('process', [])).toEqual([]);
  });

  it('may be anything, from whoever can connect to the database', () => {
    for (const text of ['', 'no JSON', '{}', 'null', '7']) expect(readTexts(text)).toEqual([]);
    const join = createJoiner();
    for (const payload of ['', '|', 'a|1|2|x', 'a|0|999999999|x', 'a|x|y|z'])
      expect(join(payload)).toBeNull();
  });
});

it('the channel of a user is one of 64, the same in every process, and fits into a name', () => {
  const { ofUser } = createChannels('a'.repeat(40));
  const names = new Set(Array.from({ length: 5_000 }, (_, at) => ofUser(`user ${at}`)));
  expect(names.size).toBe(64);
  for (const odd of ['', '\u0000', '\ud83c', 'anna'])
    expect(ofUser(odd)).toBe(createChannels('a'.repeat(40)).ofUser(odd));
  for (const name of names) expect(sizeOf(name)).toBeLessThan(64);
});

it('the channels of a schema are its own, and are the same ones in the next version: nodes of both speak to each other', () => {
  const { ofUser, ofNode, hello } = createChannels('mine');
  expect(['anna', '', '\ud83c', 'ü\u0000', 'anna'].map(ofUser)).toEqual([
    'mine_p4',
    'mine_p26',
    'mine_p19',
    'mine_p2',
    'mine_p4',
  ]);
  expect([ofNode('n1'), hello]).toEqual(['mine_nn1', 'mine_hello']);
});
