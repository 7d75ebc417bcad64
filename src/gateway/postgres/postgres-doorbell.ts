import { createHash, randomBytes } from 'node:crypto';
import type { Doorbell } from '../engine/doorbell.ts';
import { createDoorbells } from '../engine/doorbells.ts';
import { createChannels, readTexts } from './channels.ts';
import { createListener } from './listener.ts';
import { type Node, openNode } from './nodes.ts';
import { createNotifier } from './notifier.ts';
import type { Requests } from './requests.ts';

/** A channel that somebody here wants to hear. */
interface Heard {
  count: number;
  /** Null: it is heard. */
  pending: Promise<void> | null;
}

const newId = () => randomBytes(9).toString('hex');

/** The doorbell by LISTEN and NOTIFY, and the nodes that share it. */
export const createPostgresDoorbell = (options: {
  readonly requests: Requests;
  readonly schema: string;
  readonly quoted: string;
  /** False: nothing is heard of other processes. */
  readonly listenTo: string | false | undefined;
  /** Resolves when the tables are there. */
  readonly started: () => Promise<unknown>;
}): Required<Doorbell> & { close(): Promise<void> } => {
  const { requests, schema, quoted, listenTo, started } = options;
  const doorbells = createDoorbells();
  const channels = createChannels(schema);
  const processId = newId();
  const notifier = createNotifier({ requests, quoted, channels, processId });
  const nodes = new Map<string, Node>();
  const heard = new Map<string, Heard>();
  /** Two schemas of one database place users of the same name. */
  const salt = createHash('sha1').update(schema).digest().readInt32BE();

  const hear = (channel: string, payload: string) => {
    const node = nodes.get(channel);
    if (node !== undefined) return node.hear(payload);
    if (channel === channels.hello) {
      for (const [own, one] of nodes) if (own !== channels.ofNode(payload)) one.met();
      return;
    }
    const [from, ...userIds] = readTexts(payload);
    if (from !== processId) doorbells.ringAll(userIds.map(String));
  };
  const listener = listenTo
    ? createListener({ connectionString: listenTo, hear, missed: () => doorbells.ringEverybody() })
    : null;

  const listen = (channel: string): Heard => {
    const known = heard.get(channel) ?? { count: 0, pending: null };
    known.count += 1;
    heard.set(channel, known);
    if (known.count === 1 && listener !== null) {
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
    listener?.unlisten(channel);
  };

  /**
   * Whether this process is a node, and the only one: a NOTIFY would cost each append as much again, and nobody would hear it. One
   * that has no node knows of no others.
   */
  const isAlone = () => nodes.size > 0 && [...nodes.values()].every((node) => node.isAlone());

  return {
    subscribe(userId, doorbell) {
      let isEnded = false;
      const end = doorbells.subscribe(userId, doorbell);
      const channel = channels.ofUser(userId);
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
      if (!isAlone()) notifier.ring(userIds);
    },
    openChannel(nodeListener) {
      const nodeId = newId();
      const channel = channels.ofNode(nodeId);
      const ready = async () => {
        await started();
        await Promise.all([listener?.listen(channel), listener?.listen(channels.hello)]);
      };
      const node = openNode({ requests, quoted, notifier, nodeId, salt, listener: nodeListener, ready });
      nodes.set(channel, node);
      return {
        say: node.say,
        isAlone: node.isAlone,
        place: node.place,
        online: node.online,
        async close() {
          await node.close();
          nodes.delete(channel);
          listener?.unlisten(channel);
        },
      };
    },
    async close() {
      for (const node of nodes.values()) await node.close();
      nodes.clear();
      await notifier.settled();
      doorbells.clear();
      await listener?.close();
    },
  };
};
