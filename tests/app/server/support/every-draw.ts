import { onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../../../app/server/database/open-database.ts';
import type { Pair, RandomBelow } from '../../../../app/server/groups/draw-cycle.ts';

export const factorial = (count: number): number => (count <= 1 ? 1 : count * factorial(count - 1));

/** Every row of random numbers that a draw of these members can get: one of 1, one of 2, … one of n. */
export const everyRow = (members: readonly string[]): number[][] =>
  members.reduce<number[][]>(
    (rows, _, index) =>
      rows.flatMap((row) => Array.from({ length: index + 1 }, (_, value) => [...row, value])),
    [[]],
  );

/** Random numbers that are no longer random. */
export const scripted = (row: readonly number[]): RandomBelow => {
  let index = 0;
  return (bound) => {
    const value = row[index++];
    if (value === undefined || value >= bound)
      throw new Error(`The row ${row} has no number below ${bound}.`);
    return value;
  };
};

/** Everyone gives to the next, and the last to the first. */
export const cycleOf = (order: readonly string[]): Pair[] =>
  order.map((giverId, at) => ({ giverId, recipientId: order[(at + 1) % order.length] ?? '' }));

const orders = (members: readonly string[]): string[][] =>
  members.length === 0
    ? [[]]
    : members.flatMap((first) =>
        orders(members.filter((member) => member !== first)).map((rest) => [first, ...rest]),
      );

/** All (n - 1)! cycles of the members, each as one order of them. */
export const everyCycle = ([first = '', ...others]: readonly string[]): string[][] =>
  orders(others).map((rest) => [first, ...rest]);

/** A database of these groups and their members, none of them drawn. The first member owns the group. */
export const databaseOf = async (groups: Readonly<Record<string, readonly string[]>>): Promise<Database> => {
  const db = await openDatabase(':memory:');
  onTestFinished(() => db.destroy());
  const ids = [...new Set(Object.values(groups).flat())];
  await db
    .insertInto('users')
    .values(ids.map((id) => ({ id, name: id, email: id, passwordHash: '', createdAt: 0 })))
    .execute();
  for (const [id, members] of Object.entries(groups)) {
    await db
      .insertInto('groups')
      .values({ id, name: id, ownerId: members[0] ?? '', createdAt: 0, drawnAt: null })
      .execute();
    await db
      .insertInto('members')
      .values(members.map((userId) => ({ groupId: id, userId, joinedAt: 0 })))
      .execute();
  }
  return db;
};

/** Takes every draw back, so that the next one can be tried. */
export const undraw = async (db: Database): Promise<void> => {
  await db.deleteFrom('conversations').execute();
  await db.updateTable('groups').set({ drawnAt: null }).execute();
};
