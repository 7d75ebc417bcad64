import { describe, expect, it } from 'vitest';
import { isThenable, runListener } from '../../src/lib/run-listener.ts';
import { ignoreRejection } from '../../src/lib/unawaited.ts';

const rejects = (cause: unknown) => Promise.reject(cause);

describe('a listener of the app', () => {
  it('is run, and what it throws or rejects with is handed on', async () => {
    const faults: unknown[] = [];
    const note = (cause: unknown) => void faults.push(cause);
    let runCount = 0;
    runListener(() => ++runCount, note);
    runListener(() => {
      throw 'thrown';
    }, note);
    expect([runCount, faults]).toEqual([1, ['thrown']]);
    runListener(() => rejects('rejected'), note);
    runListener(() => ({ then: (_: unknown, fail: (cause: unknown) => void) => fail('thenable') }), note);
    await new Promise((resolve) => setTimeout(resolve));
    expect(faults.slice(1).sort()).toEqual(['rejected', 'thenable']);
  });
});

describe('what can be awaited', () => {
  const withGetter = Object.defineProperty({}, 'then', {
    get() {
      throw new Error('mine');
    },
  });
  const callable = Object.assign(() => {}, { then() {} });

  it.each([
    ['a promise', Promise.resolve(), true],
    ['an object with then()', { then() {} }, true],
    ['a function with then()', callable, true],
    ['an object whose then is no function', { then: 1 }, false],
    ['an object whose then throws when it is read', withGetter, false],
    ['an object without it', {}, false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['a text', 'then', false],
  ])('is judged by its then(): %s', (_, value, expected) => expect(isThenable(value)).toBe(expected));
});

it('the rejection of a promise that nobody waits for is taken', async () => {
  const unhandled: unknown[] = [];
  const note = (cause: unknown): void => void unhandled.push(cause);
  process.on('unhandledRejection', note);
  const asked: unknown[] = [];
  ignoreRejection(rejects('nobody waits'));
  ignoreRejection({ then: (_: unknown, fail: unknown) => asked.push(typeof fail) });
  ignoreRejection(7);
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', note);
  expect([unhandled, asked]).toEqual([[], ['function']]);
});
