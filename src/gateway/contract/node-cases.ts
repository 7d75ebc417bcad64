import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeChannel } from '../engine/doorbell.ts';
import type { Engine } from '../engine/engine.ts';
import { type CaseOf, contractCase, eventually, type Scene } from './scene.ts';

const STILL_MS = 100;
/** A lease, the time until it is noticed, and some more. */
const LEASE_MS = 45_000;

/** What a node has heard, each word with whom it is for. */
const openNode = (engine: Engine) => {
  const heard: string[] = [];
  const changed: string[] = [];
  const channel = engine.openChannel?.({
    hear: (userIds, text) => void heard.push(`${[...userIds].sort().join('+')}: ${text}`),
    changed: (userIds) => void changed.push(...userIds),
  });
  return { heard, changed, channel };
};
type Node = ReturnType<typeof openNode> & { readonly channel: NodeChannel };
const hasChannel = (node: ReturnType<typeof openNode>): node is Node => node.channel !== undefined;

/** A case of two nodes, where the engine lets nodes speak. */
const nodeCase = (name: string, play: (one: Node, two: Node, scene: Scene) => Promise<void>): CaseOf =>
  contractCase(name, async (scene) => {
    const one = openNode(scene.engine);
    if (!hasChannel(one)) return;
    const two = openNode(await scene.beside());
    assert.ok(hasChannel(two));
    try {
      await play(one, two, scene);
    } finally {
      await one.channel.close();
      await two.channel.close();
    }
  });

/** What nodes know of each other. */
export const NODE_CASES: readonly CaseOf[] = [
  nodeCase("count a user's sockets on all nodes together", async ({ channel: one }, { channel: two }) => {
    assert.deepEqual(await one.place('anna', 1), { before: 0, after: 1 });
    assert.deepEqual(await two.place('anna', 2), { before: 1, after: 3 });
    assert.deepEqual(await one.place('anna', 2), { before: 3, after: 4 });
    assert.deepEqual(await one.place('anna', 0), { before: 4, after: 2 });
    assert.deepEqual(await one.place('anna', 0), { before: 2, after: 2 });
    assert.deepEqual(await two.place('anna', 0), { before: 2, after: 0 });
    assert.deepEqual(await one.place('bert', 1), { before: 0, after: 1 });
  }),
  nodeCase('know who is online anywhere', async ({ channel: one }, { channel: two }) => {
    const odd = ['', '__proto__', 'anna\u0000', '\ud83c'];
    await one.place('anna', 1);
    await two.place('bert', 1);
    for (const userId of odd) await two.place(userId, 1);
    for (const node of [one, two]) {
      assert.deepEqual([...(await node.online(['anna', 'bert', 'cleo', 'Anna']))].sort(), ['anna', 'bert']);
      assert.deepEqual(new Set(await node.online(odd)), new Set(odd));
      assert.deepEqual(await node.online([]), []);
    }
    await two.place('bert', 0);
    assert.deepEqual(await one.online(['anna', 'bert']), ['anna']);
  }),
  nodeCase(
    'one of two that place a user at once is the first',
    async ({ channel: one }, { channel: two }) => {
      const placed = await Promise.all([one.place('anna', 1), two.place('anna', 1)]);
      assert.deepEqual(placed.map(({ before }) => before).sort(), [0, 1]);
      const gone = await Promise.all([one.place('anna', 0), two.place('anna', 0)]);
      assert.deepEqual(gone.map(({ after }) => after).sort(), [0, 1]);
    },
  ),
  nodeCase('do the places of one user in their order', async ({ channel: one }, { channel: two }) => {
    const placed = await Promise.all([1, 2, 0, 3].map((count) => one.place('anna', count)));
    assert.deepEqual(placed, [
      { before: 0, after: 1 },
      { before: 1, after: 2 },
      { before: 2, after: 0 },
      { before: 0, after: 3 },
    ]);
    assert.deepEqual(await two.place('anna', 1), { before: 3, after: 4 });
  }),
  nodeCase(
    'hear what others say to their users, in order, and not what they say themselves',
    async (one, two) => {
      await one.channel.place('anna', 1);
      await two.channel.place('anna', 1);
      await two.channel.place('bert', 1);
      const words = Array.from({ length: 20 }, (_, n) => `word ${n} \ud83c\udf81`);
      await eventually(async () => {
        one.channel.say(['bert'], 'ready?');
        await sleep(STILL_MS);
        assert.ok(two.heard.includes('bert: ready?'));
      });
      two.heard.length = 0;
      for (const word of words) one.channel.say(['anna', 'bert', 'cleo'], word);
      await eventually(() =>
        assert.deepEqual(
          two.heard,
          words.map((word) => `anna+bert: ${word}`),
        ),
      );
      assert.deepEqual(one.heard, []);
    },
  ),
  nodeCase('hear words that are long, and of many users', async (one, two) => {
    const users = Array.from({ length: 300 }, (_, n) => `a user whose name is rather long ${n}`);
    await Promise.all(users.map((userId) => two.channel.place(userId, 1)));
    const word = 'x'.repeat(100_000);
    await eventually(async () => {
      one.channel.say(users, word);
      await sleep(STILL_MS);
      assert.ok(two.heard.length > 0);
    });
    assert.equal(two.heard[0], `${[...users].sort().join('+')}: ${word}`);
  }),
  nodeCase('say nothing to a node where none of the users is', async (one, two) => {
    await one.channel.place('anna', 1);
    await two.channel.place('bert', 1);
    one.channel.say(['anna', 'cleo'], 'to none of yours');
    two.channel.say(['bert'], 'to none of yours');
    await sleep(STILL_MS);
    assert.deepEqual([one.heard, two.heard], [[], []]);
  }),
  nodeCase('lose the places of one that has left, and one of the others tells', async (one, two) => {
    await one.channel.place('anna', 1);
    await one.channel.place('bert', 1);
    await two.channel.place('bert', 1);
    await one.channel.close();
    await eventually(() => assert.deepEqual(two.changed, ['anna']), LEASE_MS);
    assert.deepEqual(await two.channel.online(['anna', 'bert']), ['bert']);
    assert.deepEqual(await two.channel.place('bert', 0), { before: 1, after: 0 });
  }),
];
