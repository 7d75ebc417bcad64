import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createForgetter, forgetStep } from '../../src/gateway/postgres/forgetter.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A forgetter, and after whom it was asked to go on. */
const start = (reach: (after: string | null) => Promise<string | null>) => {
  const asked: (string | null)[] = [];
  const forgetter = createForgetter({
    step(after, mostCount) {
      expect(mostCount).toBe(50);
      asked.push(after);
      return reach(after);
    },
  });
  return { forgetter, asked };
};

it('users are looked at a few at a time, every 0.2 s, and all of them again after 10 s', async () => {
  const next = new Map<string | null, string | null>([
    [null, 'bert'],
    ['bert', 'dora'],
    ['dora', null],
  ]);
  const { forgetter, asked } = start(async (after) => next.get(after) ?? null);
  await vi.advanceTimersByTimeAsync(199);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([null]);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked).toEqual([null, 'bert', 'dora']);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(asked).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.at(-1)).toBeNull();
  expect(asked).toHaveLength(4);
  await forgetter.stop();
});

it('a step that fails is done again, from the same user', async () => {
  let isDown = false;
  const { forgetter, asked } = start(async (after) => {
    if (isDown) throw new Error('The store is gone.');
    return after === null ? 'bert' : null;
  });
  await vi.advanceTimersByTimeAsync(200);
  isDown = true;
  await vi.advanceTimersByTimeAsync(400);
  isDown = false;
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toEqual([null, 'bert', 'bert', 'bert']);
  await forgetter.stop();
});

it('the stop waits for the step that is under way, and none comes after it (I10)', async () => {
  let end = (_: string | null) => {};
  const { forgetter, asked } = start(
    () =>
      new Promise((resolve) => {
        end = resolve;
      }),
  );
  await vi.advanceTimersByTimeAsync(200);
  const stopped = vi.fn();
  const stopping = forgetter.stop().then(stopped);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stopped).not.toHaveBeenCalled();
  end('bert');
  await stopping;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([null]);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([
  [[{ reached: 'bert' }], 'bert'],
  [[{ reached: null }], null],
  [[], null],
])(
  'a step in the database begins when the engine has, and says how far it came: %j',
  async (rows, reached) => {
    const done: unknown[] = [];
    const step = forgetStep({
      requests: {
        send: async (_: string, values: unknown) => {
          done.push(values);
          return rows;
        },
      } as never,
      quoted: '"x"',
      maxAgeMs: 7,
      ageNow: () => 100,
      started: async () => void done.push('started'),
    });
    expect(await step('anna', 50)).toBe(reached);
    expect(done).toEqual(['started', ['anna', 50, 100, 7]]);
  },
);
