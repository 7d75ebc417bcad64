import type { Keys } from './keys.ts';
import type { Requests } from './requests.ts';

/** So many words wait to be said at most: they are live, and what is late is of no use. */
const MAX_WAITING_COUNT = 10_000;
/** So many names are in one ring at most. */
const MAX_NAMES_COUNT = 500;

/** Says things to other processes. */
export interface Notifier {
  /** There may be news for these users. */
  ring(userIds: readonly string[]): void;
  /** A node says something to the sockets that these users have at other nodes. */
  say(fromId: string, userIds: readonly string[], text: string): void;
  /** A node has come. @throws {StatesocketError} */
  hello(nodeId: string): Promise<void>;
  /** What is out is said. */
  settled(): Promise<void>;
}

interface Word {
  readonly fromId: string;
  readonly userIds: readonly string[];
  readonly text: string;
}

/** What names the node, in the name of its lease: a node that lost its lease takes another one. */
export const nodeOf = (lease: string): string => lease.split('.')[0] ?? '';

/** What is in a payload; nothing where it is no list. Whoever may use the server may say what they like. */
export const readTexts = (text: string): readonly unknown[] => {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
};

const groupBy = (names: Iterable<string>, groupOf: (name: string) => string) => {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const group = groupOf(name);
    const there = groups.get(group);
    if (there === undefined) groups.set(group, [name]);
    else there.push(name);
  }
  return groups;
};

/** One batch is out at a time, so that what is said comes in order. */
export const createNotifier = (options: {
  readonly requests: Requests;
  readonly keys: Keys;
  /** Names this process, which does not hear itself. */
  readonly processId: string;
}): Notifier => {
  const { requests, keys, processId } = options;
  const rung = new Set<string>();
  const words: Word[] = [];
  let working: Promise<void> | null = null;

  const publish = (channel: string, payload: string) =>
    requests.command(channel, ['SPUBLISH', channel, payload]);
  const notifyRings = async (userIds: ReadonlySet<string>) => {
    const said: Promise<unknown>[] = [];
    for (const [channel, users] of groupBy(userIds, keys.bellOf))
      for (let at = 0; at < users.length; at += MAX_NAMES_COUNT)
        said.push(publish(channel, JSON.stringify([processId, ...users.slice(at, at + MAX_NAMES_COUNT)])));
    await Promise.all(said);
  };
  const nodesOf = async (userId: string): Promise<readonly string[]> => {
    const { places } = keys.ofUser(userId);
    return ((await requests.command(places, ['HKEYS', places])) as string[]).map(nodeOf);
  };
  const notifyWords = async (said: readonly Word[]) => {
    const users = [...new Set(said.flatMap(({ userIds }) => userIds))];
    const places = new Map(
      await Promise.all(users.map(async (user) => [user, await nodesOf(user)] as const)),
    );
    // All that goes to one node is sent in one turn, on one connection: in order.
    const sent: Promise<unknown>[] = [];
    for (const { fromId, userIds, text } of said) {
      const usersOf = new Map<string, string[]>();
      for (const userId of new Set(userIds))
        for (const node of new Set(places.get(userId)))
          if (node !== fromId) usersOf.set(node, [...(usersOf.get(node) ?? []), userId]);
      for (const [node, there] of usersOf)
        sent.push(publish(keys.channelOf(node), JSON.stringify([there, text])));
    }
    await Promise.all(sent);
  };

  const work = async () => {
    // What comes in this turn of the loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (rung.size > 0 || words.length > 0) {
      const [users, said] = [new Set(rung), words.splice(0)];
      rung.clear();
      // A lost ring costs a heartbeat, and a lost word is lost: the calls beside it tell of the store.
      await Promise.allSettled([notifyRings(users), notifyWords(said)]);
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
    hello: async (nodeId) => void (await publish(keys.hello, nodeId)),
    settled: async () => void (await working),
  };
};
