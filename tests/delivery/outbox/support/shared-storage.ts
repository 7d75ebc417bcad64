import type { OutboxStore, StoredEntry, StoreSession } from '../../../../src/actors/outbox-store.ts';
import { settles } from './outbox-world.ts';

interface Question {
  readonly what: string;
  resolve(): void;
  reject(cause: unknown): void;
}

/**
 * One browser's storage with a lock for each clientId, held by the session that opened under it or adopted it. Each question
 * is answered when the test says so, by how it begins: `open u1`, `put u1/2`, `remove u1/2`.
 */
export const createSharedStorage = () => {
  const entries = new Map<string, StoredEntry>();
  const locks = new Map<string, object>();
  const closeCounts: number[] = [];
  let waiting: readonly Question[] = [];
  let isBroken = false;

  const later = (what: string, act: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const question = {
        what,
        resolve() {
          act();
          resolve();
        },
        reject,
      };
      waiting = [...waiting, question];
    });
  const take = (what: string): Question => {
    const question = waiting.find((each) => each.what.startsWith(what));
    if (question === undefined) throw new Error(`No "${what}" among: ${waiting.map((each) => each.what)}`);
    waiting = waiting.filter((each) => each !== question);
    return question;
  };
  const nameOf = ({ clientId, n }: StoredEntry): string => `${clientId}/${n}`;

  const store: OutboxStore = {
    open({ userId, clientId, adopt }) {
      if (isBroken) throw new Error('The store cannot be opened.');
      const holder = {};
      const number = closeCounts.push(0) - 1;
      let isOpen = true;
      locks.set(clientId, holder);
      const loaded = later(`open ${clientId}`, () => {
        if (!isOpen) return;
        const free = [...entries.values()].filter(
          (entry) => entry.userId === userId && !locks.has(entry.clientId),
        );
        for (const client of new Set(free.map((entry) => entry.clientId))) {
          locks.set(client, holder);
          adopt(free.filter((entry) => entry.clientId === client));
        }
      });
      const session: StoreSession = {
        loaded,
        exclusive: true,
        put: (entry) => later(`put ${nameOf(entry)}`, () => void entries.set(entry.key, entry)),
        remove: (gone) =>
          later(`remove ${gone.map(nameOf)}`, () => {
            for (const { key } of gone) entries.delete(key);
          }),
        close(held) {
          isOpen = false;
          closeCounts[number] = (closeCounts[number] ?? 0) + 1;
          for (const [client, owner] of [...locks])
            if (owner === holder && !held.has(client)) locks.delete(client);
        },
      };
      return session;
    },
  };
  return {
    store,
    get heldClients(): readonly string[] {
      return [...locks.keys()];
    },
    /** How often each session was closed, in the order in which they were opened. */
    closeCounts,
    /** Whether opening throws from now on. */
    breaks(broken: boolean): void {
      isBroken = broken;
    },
    async answers(what: string): Promise<void> {
      take(what).resolve();
      await settles();
    },
    async fails(what: string): Promise<void> {
      take(what).reject(new Error('disk full'));
      await settles();
    },
    async answersAll(): Promise<void> {
      while (waiting.length > 0) {
        take('').resolve();
        await settles();
      }
    },
  };
};
