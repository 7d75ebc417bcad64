import { expect, it } from 'vitest';
import { createPlacing } from '../../src/gateway/postgres/placing.ts';

/** The places of one node, and what its database was asked. Each user has so many sockets at other nodes. */
const start = (elsewhere: Readonly<Record<string, number>> = {}) => {
  const groups: (readonly string[])[] = [];
  const state = { isDown: false };
  const placing = createPlacing({
    requests: {
      async ask(_: string, [nodeId, users, counts, salt]: [string, string[], number[], number]) {
        expect([nodeId, salt]).toEqual(['node 1', 5]);
        groups.push(users.map((user, at) => `${user} ${counts[at]}`));
        if (state.isDown) throw new Error('The store is gone.');
        return users.map((user) => ({ elsewhere: String(elsewhere[user] ?? 0) }));
      },
    } as never,
    quoted: '"x"',
    nodeId: 'node 1',
    salt: 5,
    registered: async () => {},
  });
  return { placing, groups, state };
};

it('places of one turn of the loop go together, in their order, and each is told what was before', async () => {
  const { placing, groups } = start({ anna: 2 });
  const placed = await Promise.all([
    placing.place('anna', 1),
    placing.place('bert', 2),
    placing.place('anna', 3),
    placing.place('bert', 0),
    placing.place('bert', -1),
  ]);
  expect(groups).toEqual([['anna 1', 'bert 2', 'anna 3', 'bert 0', 'bert 0']]);
  expect(placed).toEqual([
    { before: 2, after: 3 },
    { before: 0, after: 2 },
    { before: 3, after: 5 },
    { before: 2, after: 0 },
    { before: 0, after: 0 },
  ]);
});

it('no more than 64 go together: each takes a lock', async () => {
  const { placing, groups } = start();
  await Promise.all(Array.from({ length: 130 }, (_, at) => placing.place(`user ${at}`, 1)));
  expect(groups.map(({ length }) => length)).toEqual([64, 64, 2]);
  expect(groups.flat()[129]).toBe('user 129 1');
});

it('places that fail say so, and those after them go on', async () => {
  const { placing, groups, state } = start();
  state.isDown = true;
  const failed = await Promise.allSettled([placing.place('anna', 1), placing.place('bert', 1)]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  state.isDown = false;
  // The next one begins with what this node has by now, whatever the database knows of it.
  expect(await placing.place('anna', 2)).toEqual({ before: 1, after: 2 });
  expect(groups).toHaveLength(2);
});

it('all are put back where the database has forgotten this node, and those are named who are nowhere else', async () => {
  const { placing, groups } = start({ anna: 1 });
  await Promise.all(['anna', 'bert', 'cleo'].map((userId) => placing.place(userId, 2)));
  await placing.place('cleo', 0);
  groups.length = 0;
  expect(await placing.again()).toEqual(['bert']);
  expect(groups).toEqual([['anna 2', 'bert 2']]);
});

it('is settled when nothing is on its way', async () => {
  const { placing, groups } = start();
  await placing.settled();
  const placed = placing.place('anna', 1);
  await placing.settled();
  expect(groups).toHaveLength(1);
  await placed;
});
