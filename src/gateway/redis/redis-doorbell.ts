import { randomBytes } from 'node:crypto';
import type { Doorbell } from '../engine/doorbell.ts';
import { createDoorbells } from '../engine/doorbells.ts';
import type { Dialling } from './dial.ts';
import type { Keys } from './keys.ts';
import { createListener } from './listener.ts';
import { type Node, openNode } from './nodes.ts';
import { createNotifier, readTexts } from './notifier.ts';
import type { Requests } from './requests.ts';

/** A channel that somebody here wants to hear. */
interface Heard {
  count: number;
  /** Null: it is heard. */
  pending: Promise<void> | null;
}

const newId = () => randomBytes(9).toString('hex');

/** The doorbell by SSUBSCRIBE and SPUBLISH, and the nodes that share it. */
export const createRedisDoorbell = (options: {
  readonly dialling: Dialling;
  readonly requests: Requests;
  readonly keys: Keys;
  /** Resolves when the store is there. */
  readonly started: () => Promise<unknown>;
}): Required<Doorbell> & { close(): Promise<void> } => {
  const { dialling, requests, keys, started } = options;
  const doorbells = createDoorbells();
  const processId = newId();
  const notifier = createNotifier({ requests, keys, processId });
  const nodes = new Map<string, Node>();
  const heard = new Map<string, Heard>();

  const hear = (channel: string, payload: string) => {
    const node = nodes.get(channel);
    if (node !== undefined) return node.hear(payload);
    if (channel === keys.hello) {
      for (const [own, one] of nodes) if (own !== keys.channelOf(payload)) one.met();
      return;
    }
    const [from, ...userIds] = readTexts(payload);
    if (from !== processId) doorbells.ringAll(userIds.map(String));
  };
  const listener = createListener({
    store: dialling.store,
    dial: dialling.listen,
    hear,
    missed: () => doorbells.ringEverybody(),
  });

  const listen = (channel: string): Heard => {
    const known = heard.get(channel) ?? { count: 0, pending: null };
    known.count += 1;
    heard.set(channel, known);
    if (known.count === 1) {
      const pending = listener.listen(channel).then(() => {
        if (known.pending === pending) known.pending = null;
      });
      known.pending = pending;
    }
    return known;
  };
  const unlisten = (channel: string, one: Heard) => {
    one.count -= 1;
    if (one.count > 0) return;
    heard.delete(channel);
    listener.unlisten(channel);
  };

  return {
    subscribe(userId, doorbell) {
      let isEnded = false;
      const end = doorbells.subscribe(userId, doorbell);
      const channel = keys.bellOf(userId);
      const one = listen(channel);
      // What was appended before it was heard rang for nobody here.
      void one.pending?.then(() => {
        if (!isEnded) doorbell();
      });
      return () => {
        if (isEnded) return;
        isEnded = true;
        end();
        unlisten(channel, one);
      };
    },
    ring(userIds) {
      doorbells.ringAll(userIds);
      notifier.ring(userIds);
    },
    openChannel(nodeListener) {
      const nodeId = newId();
      const channel = keys.channelOf(nodeId);
      const ready = async () => {
        await started();
        await Promise.all([listener.listen(channel), listener.listen(keys.hello)]);
      };
      const node = openNode({ requests, keys, notifier, nodeId, listener: nodeListener, ready });
      nodes.set(channel, node);
      return {
        say: node.say,
        isAlone: node.isAlone,
        place: node.place,
        online: node.online,
        async close() {
          await node.close();
          nodes.delete(channel);
          listener.unlisten(channel);
        },
      };
    },
    async close() {
      for (const node of nodes.values()) await node.close();
      nodes.clear();
      await notifier.settled();
      doorbells.clear();
      listener.close();
    },
  };
};
