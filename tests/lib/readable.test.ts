import { describe, expect, it } from 'vitest';
import { createReadable, hasSameMembers } from '../../src/lib/readable.ts';

const setUp = () => {
  const faults: unknown[] = [];
  const readable = createReadable('first', (cause) => faults.push(cause));
  const heard: string[] = [];
  const leave = readable.subscribe(() => heard.push(readable.current));
  return { readable, faults, heard, leave };
};

describe('something that can be read', () => {
  it('has its first value, and tells of each other one when it is there', () => {
    const { readable, heard } = setUp();
    expect(readable.current).toBe('first');
    readable.set('second');
    readable.set('third');
    expect(heard).toEqual(['second', 'third']);
  });

  it('tells nothing where the value is the same', () => {
    const { readable, heard } = setUp();
    readable.set('first');
    expect(heard).toEqual([]);
  });

  it('tells nobody who has left', () => {
    const { readable, heard, leave } = setUp();
    leave();
    readable.set('second');
    expect(heard).toEqual([]);
  });

  it('tells everybody, whatever one of them throws', () => {
    const { readable, faults } = setUp();
    const after: string[] = [];
    readable.subscribe(() => {
      throw new Error('mine');
    });
    readable.subscribe(() => after.push(readable.current));
    readable.set('second');
    expect([faults, after]).toEqual([[new Error('mine')], ['second']]);
  });

  it('has its last value when it has ended, of which nobody is told, and no other', () => {
    const { readable, heard } = setUp();
    readable.end('last');
    readable.subscribe(() => heard.push('late'));
    readable.set('later');
    expect([readable.current, heard]).toEqual(['last', []]);
  });
});

it('two objects have the same members where each is the same, and not where one is only alike', () => {
  const list: number[] = [];
  expect(hasSameMembers({ a: 1, list }, { a: 1, list })).toBe(true);
  expect(hasSameMembers({ a: 1, list }, { a: 2, list })).toBe(false);
  expect(hasSameMembers({ a: 1, list }, { a: 1, list: [] })).toBe(false);
});
