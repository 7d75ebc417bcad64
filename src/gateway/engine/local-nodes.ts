import type { NodeChannel, NodeListener } from './doorbell.ts';

interface LocalNode {
  readonly listener: NodeListener;
  /** How many sockets each user has there. */
  readonly counts: Map<string, number>;
}

/** The nodes over an engine that one process alone has: several gateways, as in tests. */
export interface LocalNodes {
  open(listener: NodeListener): NodeChannel;
  clear(): void;
}

export const createLocalNodes = (): LocalNodes => {
  const nodes = new Set<LocalNode>();
  const countOf = (userId: string): number => {
    let count = 0;
    for (const { counts } of nodes) count += counts.get(userId) ?? 0;
    return count;
  };
  return {
    open(listener) {
      const node: LocalNode = { listener, counts: new Map() };
      nodes.add(node);
      return {
        say(userIds, text) {
          if (nodes.size === 1 || !nodes.has(node)) return;
          for (const other of nodes) {
            if (other === node) continue;
            const there = userIds.filter((userId) => other.counts.has(userId));
            if (there.length > 0) other.listener.hear(there, text);
          }
        },
        isAlone: () => nodes.size === 1,
        async place(userId, socketCount) {
          const before = countOf(userId);
          if (!nodes.has(node)) return { before, after: before };
          const here = node.counts.get(userId) ?? 0;
          if (socketCount > 0) node.counts.set(userId, socketCount);
          else node.counts.delete(userId);
          return { before, after: before - here + Math.max(socketCount, 0) };
        },
        online: async (userIds) => userIds.filter((userId) => countOf(userId) > 0),
        async close() {
          if (!nodes.delete(node)) return;
          const gone = [...node.counts.keys()].filter((userId) => countOf(userId) === 0);
          const [other] = nodes;
          if (gone.length > 0) other?.listener.changed(gone);
        },
      };
    },
    clear: () => nodes.clear(),
  };
};
