import { fromStored, toStored } from '../engine/stored-text.ts';
import { type Channels, partsOf, payloadsOf } from './channels.ts';
import type { Requests } from './requests.ts';

/** So many words wait to be said at most: they are live, and what is late is of no use. */
const MAX_WAITING_COUNT = 10_000;

/** Says things to other processes: outside of the transactions that they are about, and after them. */
export interface Notifier {
  /** There may be news for these users. */
  ring(userIds: readonly string[]): void;
  /** A node says something to the sockets that these users have at other nodes. */
  say(fromId: string, userIds: readonly string[], text: string): void;
  /** A node has come. @throws {RequestFailed} */
  hello(nodeId: string): Promise<void>;
  /** What is out is said. */
  settled(): Promise<void>;
}

interface Word {
  readonly fromId: string;
  readonly userIds: readonly string[];
  readonly text: string;
}

/**
 * A NOTIFY takes a lock of the whole server until its transaction has ended, so it is in none that writes; and that
 * transaction does not wait for the disk. One request is out at a time, so that what is said comes in order.
 */
export const createNotifier = (options: {
  readonly requests: Requests;
  readonly quoted: string;
  readonly channels: Channels;
  /** Names this process, which does not hear itself. */
  readonly processId: string;
}): Notifier => {
  const { requests, quoted, channels, processId } = options;
  let rung = new Set<string>();
  let words: Word[] = [];
  let wordCount = 0;
  let working: Promise<void> | null = null;

  const notify = async (names: readonly string[], payloads: readonly string[]) => {
    if (names.length === 0) return;
    await requests.send(
      `SELECT pg_notify(channel, payload), set_config('synchronous_commit', 'off', true)
       FROM unnest($1::text[], $2::text[]) AS said (channel, payload)`,
      [names, payloads],
    );
  };
  const notifyRings = async (userIds: readonly string[]) => {
    const byChannel = new Map<string, string[]>();
    for (const userId of userIds) {
      const channel = channels.ofUser(userId);
      const there = byChannel.get(channel);
      if (there === undefined) byChannel.set(channel, [userId]);
      else there.push(userId);
    }
    const [names, payloads]: [string[], string[]] = [[], []];
    for (const [channel, users] of byChannel)
      for (const payload of payloadsOf(processId, users)) {
        names.push(channel);
        payloads.push(payload);
      }
    await notify(names, payloads);
  };
  const notifyWords = async (said: readonly Word[]) => {
    const users = [...new Set(said.flatMap(({ userIds }) => userIds.map(toStored)))];
    const places = await requests.send(
      `SELECT user_id, node_id FROM ${quoted}.place JOIN ${quoted}.node USING (node_id)
       WHERE user_id = ANY ($1) AND expires_at > clock_timestamp()`,
      [users],
    );
    const nodesOf = new Map<string, string[]>();
    for (const { user_id: user, node_id: node } of places) {
      const userId = fromStored(String(user));
      nodesOf.set(userId, [...(nodesOf.get(userId) ?? []), String(node)]);
    }
    const [names, payloads]: [string[], string[]] = [[], []];
    for (const { fromId, userIds, text } of said) {
      const usersOf = new Map<string, string[]>();
      for (const userId of new Set(userIds))
        for (const node of nodesOf.get(userId) ?? [])
          if (node !== fromId) usersOf.set(node, [...(usersOf.get(node) ?? []), userId]);
      for (const [node, there] of usersOf) {
        wordCount += 1;
        for (const part of partsOf(`${fromId} ${wordCount}`, JSON.stringify([there, text]))) {
          names.push(channels.ofNode(node));
          payloads.push(part);
        }
      }
    }
    await notify(names, payloads);
  };

  const work = async () => {
    // What comes in this turn of the loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (rung.size > 0 || words.length > 0) {
      const [users, said] = [[...rung], words];
      rung = new Set();
      words = [];
      try {
        await notifyRings(users);
        if (said.length > 0) await notifyWords(said);
      } catch {
        // A lost ring costs a heartbeat, and a lost word is lost: the calls beside it tell of the store.
      }
    }
    working = null;
  };
  const wake = () => {
    working ??= work();
  };

  return {
    ring(userIds) {
      for (const userId of userIds) rung.add(userId);
      wake();
    },
    say(fromId, userIds, text) {
      if (words.length >= MAX_WAITING_COUNT) return;
      words.push({ fromId, userIds: [...userIds], text });
      wake();
    },
    hello: (nodeId) => notify([channels.hello], [nodeId]),
    settled: async () => void (await working),
  };
};
