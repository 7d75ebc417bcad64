import { sendFarewell } from '../../../src/gateway/wire/farewell.ts';
import type { ChatApp } from './chat-app.ts';
import type { NodeStore, StoreModel } from './engines/engine-kind.ts';
import type { History } from './history.ts';
import { createHost, type Host } from './host.ts';
import type { Link } from './link.ts';
import { createNodeEngine, type NodeEngine } from './node-engine.ts';
import type { Parts } from './parts.ts';
import type { Scheduler } from './scheduler.ts';
import type { Shards } from './shards.ts';

/** One gateway process: the real hub on a host of its own. */
export interface GatewayNode {
  readonly name: string;
  readonly host: Host;
  readonly store: NodeEngine;
  /** What may go wrong between it and its store. */
  readonly line: NodeStore;
  /** A handshake has reached it. */
  accept(link: Link): void;
  /** Publishes what the app's outbox holds, row by row. */
  announce(): void;
  /** Disconnects a user, wherever that user is. */
  kick(user: string): void;
  /** It shuts down: it finishes what it does, and admits nobody any more. */
  drain(): void;
}

const WINDOW_COUNT = 8;
export const MAX_BUFFERED_BYTES = 20_000;
export const MAX_PAYLOAD_BYTES = 10_000;
const RETRY_MS = 1_000;

export interface NodeOptions {
  readonly name: string;
  readonly parts: Parts;
  readonly scheduler: Scheduler;
  readonly history: History;
  readonly shards: Shards;
  readonly model: StoreModel;
  readonly app: ChatApp;
  readonly users: readonly string[];
  readonly latencyMs: () => number;
  readonly die: (how: string) => void;
}

export const createGatewayNode = (options: NodeOptions): GatewayNode => {
  const { name, scheduler, history, app, users } = options;
  const host = createHost(scheduler, name);
  const line = options.model.open(host);
  const store = createNodeEngine({
    host,
    scheduler,
    store: line.engine,
    latencyMs: options.latencyMs,
    die: options.die,
  });
  const hub = options.parts.createHub({
    engine: store.engine,
    clock: host.clock,
    // One who waits goes on in each turn of the loop: work is taken apart wherever it can be.
    nextTurn: (run) => host.after(0, run),
    sliceMs: 0,
    handle: (command, context) => app.handle(command, context, store.query),
    presence: { watchers: () => users, watched: () => users },
    limits: {
      windowCount: WINDOW_COUNT,
      presenceGraceMs: 3_000,
      heartbeatMs: 14_000,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      maxSocketsPerUser: 16,
      maxCommandsPerSecond: 50,
    },
    report: (error) => history.add({ what: 'reported', by: name, code: error.code }),
  });
  let isAnnouncing = false;
  let isDraining = false;

  const announce = async () => {
    if (isAnnouncing) return;
    isAnnouncing = true;
    for (let row = app.publishedCount; row < app.announcements.length; row = app.publishedCount) {
      const { ref, to } = app.announcements[row] ?? { ref: '', to: [] };
      try {
        const message = { type: 'SAID', uid: ref, ref, part: 0 };
        await hub.publish(to, message, { outbox: 'announcements', row: row + 1 });
        await store.query();
        app.publishedCount = Math.max(app.publishedCount, row + 1);
      } catch {
        // The row stays; the worker tries it again.
        await host.pause(RETRY_MS);
      }
    }
    isAnnouncing = false;
  };

  /** As the gateway on `ws` does it: the end of the log is read, then the handshake is answered. */
  const accept = async (link: Link) => {
    const { userId, transport } = link;
    let position: string | null = null;
    try {
      position = await store.engine.last(userId);
    } catch {
      history.add({ what: 'reported', by: name, code: 'engine-failed' });
    }
    link.accept();
    if (position === null || isDraining) {
      sendFarewell(transport, 1013, 'try again later');
      return;
    }
    const session = hub.admit({ userId, position, identify: async () => userId }, transport);
    if (session === null) return;
    link.bind({
      receivePong: () => session.receivePong(),
      transportClosed: () => session.transportClosed(),
      receiveText(text) {
        if (text.length <= MAX_PAYLOAD_BYTES) session.receiveText(text);
        else session.close(1009, 'too big');
      },
    });
  };

  return {
    name,
    host,
    store,
    line,
    kick: (user) => hub.disconnectUser(user, 1012, 'signed out'),
    accept: (link) => void accept(link),
    announce: () => void announce(),
    drain() {
      isDraining = true;
      void hub.drain();
    },
  };
};
