import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeChannel, NodeListener } from '../engine/doorbell.ts';
import { fromStored } from '../engine/stored-text.ts';
import type { Keys } from './keys.ts';
import { type Notifier, readTexts } from './notifier.ts';
import { createPlacing } from './placing.ts';
import type { Requests } from './requests.ts';
import { DISPLACE, RENEW } from './scripts.ts';
import { keptRun } from './shared-run.ts';

/** How long the places of a node count after it was heard of last, how often it says so, and how long when it leaves, in ms. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 4_000;
const LEAVING_MS = 2_000;
/** How long one node has to take the places of a dead one away before another one goes on. */
const CLEARING_MS = 10_000;
const CLEARED_AT_ONCE_COUNT = 200;

/** This process among those on the same Redis. Its name is in its channel. */
export interface Node extends Required<NodeChannel> {
  /** A payload has come on this node's channel. */
  hear(payload: string): void;
  /** Another node has come. */
  met(): void;
}

export const openNode = (options: {
  readonly requests: Requests;
  readonly keys: Keys;
  readonly notifier: Notifier;
  readonly nodeId: string;
  readonly listener: NodeListener;
  /** The store is there, and this node is heard. */
  readonly ready: () => Promise<unknown>;
}): Node => {
  const { requests, keys, notifier, nodeId, listener } = options;
  let leaseCount = 1;
  /** Until it is known. */
  let otherCount = 1;
  let metCount = 0;
  const closed = new AbortController();
  const { signal } = closed;
  const lease = () => `${nodeId}.${leaseCount}`;

  /** Takes the places of a dead node away, some at a time, and tells who went offline by it. */
  const clear = async (dead: string) => {
    const list = keys.usersOf(dead);
    for (;;) {
      const found = (await requests.command(list, [
        'SRANDMEMBER',
        list,
        String(CLEARED_AT_ONCE_COUNT),
      ])) as string[];
      if (found.length === 0) break;
      const isLast = await Promise.all(
        found.map((member) => requests.run(DISPLACE, [keys.ofUser(fromStored(member)).places], [dead])),
      );
      await requests.command(list, ['SREM', list, ...found]);
      const gone = found.filter((_, at) => isLast[at] === 1).map(fromStored);
      if (gone.length > 0 && !signal.aborted) listener.changed(gone);
    }
    await requests.command(keys.deadNodes, ['ZREM', keys.deadNodes, dead]);
  };
  const renew = async (isFirst: boolean): Promise<void> => {
    const metBefore = metCount;
    const [isNew, others, dead] = (await requests.run(
      RENEW,
      [keys.nodes, keys.deadNodes],
      [lease(), String(LEASE_MS), String(CLEARING_MS)],
    )) as [number, number, readonly string[]];
    // One that came meanwhile may not have been counted.
    otherCount = metCount === metBefore ? others : Math.max(others, 1);
    if (signal.aborted) return;
    // One that was taken for dead takes another lease: others clear the old one away.
    if (isNew === 1 && !isFirst) await takeAnotherLease();
    for (const one of dead) await clear(one);
  };
  const takeAnotherLease = async () => {
    const former = lease();
    leaseCount += 1;
    await requests.command(keys.nodes, ['ZREM', keys.nodes, former]);
    await requests.command(keys.deadNodes, ['ZADD', keys.deadNodes, 'NX', '0', former]);
    await renew(true);
    const back = await placing.again(former);
    if (back.length > 0 && !signal.aborted) listener.changed(back);
  };
  const register = keptRun(async () => {
    await options.ready();
    await renew(true);
    await notifier.hello(nodeId);
  });
  const placing = createPlacing({
    requests,
    keys,
    async leased() {
      await register();
      return lease();
    },
  });
  const live = async () => {
    await register().catch(() => {}); // the next renewal registers it
    while (!signal.aborted) {
      await sleep(RENEW_EVERY_MS, undefined, { signal, ref: false }).catch(() => {}); // closed
      if (signal.aborted) return;
      // The calls beside it tell of the store; the next one tries again.
      await register()
        .then(() => renew(false))
        .catch(() => {});
    }
  };
  void live();

  const close = keptRun(async () => {
    await placing.settled();
    closed.abort();
    await notifier.settled();
    // Its lease ends by itself where this fails. What went wrong is the store's, and its calls tell.
    await requests
      .run(RENEW, [keys.nodes, keys.deadNodes], [lease(), String(LEAVING_MS), '0'])
      .catch(() => {});
  });

  return {
    say(userIds, text) {
      if (userIds.length > 0) notifier.say(nodeId, userIds, text);
    },
    isAlone: () => otherCount === 0,
    place: async (userId, socketCount) =>
      signal.aborted ? { before: 0, after: 0 } : placing.place(userId, socketCount),
    async online(userIds) {
      if (userIds.length === 0) return [];
      await register();
      const found = await Promise.all(
        userIds.map((userId) => {
          const { places } = keys.ofUser(userId);
          return requests.command(places, ['EXISTS', places]);
        }),
      );
      return userIds.filter((_, at) => found[at] === 1);
    },
    hear(payload) {
      if (signal.aborted) return;
      const [userIds, said] = readTexts(payload);
      if (Array.isArray(userIds) && typeof said === 'string') listener.hear(userIds.map(String), said);
    },
    met() {
      metCount += 1;
      otherCount = Math.max(otherCount, 1);
    },
    close,
  };
};
