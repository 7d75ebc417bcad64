import type { NodeChannel, NodeListener } from '../engine/doorbell.ts';
import { fromStored, toStored } from '../engine/stored-text.ts';
import { createJoiner, readTexts } from './channels.ts';
import { failureOf } from './failure.ts';
import type { Notifier } from './notifier.ts';
import { createPlacing } from './placing.ts';
import { RequestFailed, type Requests } from './requests.ts';

/** How long the places of a node count after it was heard of last, how often it says so, and how long when it leaves, in ms. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 4_000;
const LEAVING_MS = 2_000;

/** This process among those on the same database. Its name is in `channels`. */
export interface Node extends Required<NodeChannel> {
  /** A payload has come on this node's channel. */
  hear(payload: string): void;
  /** Another node has come. */
  met(): void;
}

export const openNode = (options: {
  readonly requests: Requests;
  readonly quoted: string;
  readonly notifier: Notifier;
  readonly nodeId: string;
  /** Sets the locks of this schema apart. */
  readonly salt: number;
  readonly listener: NodeListener;
  /** The tables are there, and this node is heard. */
  readonly ready: () => Promise<unknown>;
}): Node => {
  const { requests, quoted, notifier, nodeId, salt, listener } = options;
  const join = createJoiner();
  let otherCount = 1;
  let metCount = 0;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  let closing: Promise<void> | null = null;
  let registered: Promise<void> | null = null;

  const renew = async (isFirst: boolean) => {
    const metBefore = metCount;
    const [row] = await requests.ask(`SELECT ${quoted}.renew_1($1, $2)::text AS state`, [nodeId, LEASE_MS]);
    const state = JSON.parse(String(row?.state)) as { new: boolean; others: number; gone: string[] };
    // One that came meanwhile may not have been counted.
    otherCount = metCount === metBefore ? state.others : Math.max(state.others, 1);
    if (isClosed) return;
    if (state.gone.length > 0) listener.changed(state.gone.map(fromStored));
    // At first what is placed waits for this.
    if (!state.new || isFirst) return;
    const back = await placing.again();
    if (back.length > 0) listener.changed(back);
    // Others may have taken themselves for alone.
    await notifier.hello(nodeId);
  };
  const register = () => {
    registered ??= options
      .ready()
      .then(() => renew(true))
      .then(() => notifier.hello(nodeId));
    // Whoever waits for it is told; the next one tries again.
    registered.catch(() => {
      registered = null;
    });
    return registered;
  };
  const placing = createPlacing({ requests, quoted, nodeId, salt, registered: register });
  const renewLater = () => {
    if (isClosed) return;
    timer = setTimeout(() => {
      void (registered === null ? register() : renew(false))
        .catch(() => {}) // the calls beside it tell of the store; the next one tries again
        .then(renewLater);
    }, RENEW_EVERY_MS);
    timer.unref();
  };
  void register()
    .catch(() => {}) // the next renewal registers it
    .then(renewLater);

  const close = async () => {
    await placing.settled();
    isClosed = true;
    if (timer !== null) clearTimeout(timer);
    try {
      await notifier.settled();
      await requests.send(
        `UPDATE ${quoted}.node SET expires_at = clock_timestamp() + $2 * interval '1 ms' WHERE node_id = $1`,
        [nodeId, LEAVING_MS],
      );
    } catch (error) {
      // Its lease ends by itself. What went wrong is the store's, and its calls tell.
      if (!(error instanceof RequestFailed)) throw failureOf(error);
    }
  };

  return {
    say(userIds, text) {
      if (userIds.length > 0) notifier.say(nodeId, userIds, text);
    },
    isAlone: () => registered !== null && otherCount === 0,
    place: async (userId, socketCount) =>
      isClosed ? { before: 0, after: 0 } : placing.place(userId, socketCount),
    async online(userIds) {
      if (userIds.length === 0) return [];
      await register();
      const rows = await requests.ask(
        `SELECT DISTINCT user_id FROM ${quoted}.place JOIN ${quoted}.node USING (node_id)
         WHERE user_id = ANY ($1) AND expires_at > clock_timestamp()`,
        [[...new Set(userIds.map(toStored))]],
      );
      const found = new Set(rows.map(({ user_id: user }) => fromStored(String(user))));
      return userIds.filter((userId) => found.has(userId));
    },
    hear(payload) {
      const text = join(payload);
      if (text === null || isClosed) return;
      const [userIds, said] = readTexts(text);
      if (Array.isArray(userIds) && typeof said === 'string') listener.hear(userIds.map(String), said);
    },
    met() {
      metCount += 1;
      otherCount = Math.max(otherCount, 1);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
};
