import { expect, it } from 'vitest';
import { createForgetting } from '../../src/gateway/engine/thread/forgetting.ts';

const KEEP_MS = 100;

/** Rows by when they were touched; what is asked of them is noted. */
const createTable = (...touchedMs: number[]) => {
  let rows = touchedMs;
  const asked: string[] = [];
  const forgetting = createForgetting({
    keepMs: KEEP_MS,
    readOldest() {
      asked.push('oldest');
      return rows.length === 0 ? null : Math.min(...rows);
    },
    drop(beforeMs) {
      asked.push(`drop before ${beforeMs}`);
      rows = rows.filter((at) => at >= beforeMs);
    },
  });
  return { forgetting, asked, add: (at: number) => rows.push(at), rows: () => rows };
};

it('nothing is asked of a table while its oldest row is young enough', () => {
  const { forgetting, asked, rows } = createTable(10, 50);
  forgetting.run(60);
  expect(asked).toEqual(['drop before -40', 'oldest']);
  for (let ageMs = 61; ageMs <= 110; ageMs += 1) forgetting.run(ageMs);
  expect(asked).toHaveLength(2);
  forgetting.run(111);
  expect(rows()).toEqual([50]);
  forgetting.run(150);
  expect(asked).toHaveLength(4);
});

it('rows that come into an empty table are forgotten in their turn', () => {
  const { forgetting, add, rows } = createTable();
  forgetting.run(0);
  add(5);
  forgetting.run(105);
  expect(rows()).toEqual([5]);
  forgetting.run(106);
  expect(rows()).toEqual([]);
});

it('rows that a rollback has brought back are forgotten again', () => {
  const { forgetting, add, rows } = createTable(10);
  forgetting.run(200);
  expect(rows()).toEqual([]);
  forgetting.reset();
  add(10);
  forgetting.run(201);
  expect(rows()).toEqual([]);
});
