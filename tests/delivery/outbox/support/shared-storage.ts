import type {
  OutboxStore,
  StoredEntry,
  StoreRequest,
  StoreSession,
} from '../../../../src/actors/outbox-store.ts';
import { settles } from './outbox-world.ts';

interface Question {
  readonly page: string;
  readonly what: string;
  act(): void;
  resolve(): void;
  reject(cause: unknown): void;
}

/** A session of one page, as the browser sees it. */
interface Holder {
  readonly page: string;
  readonly request: StoreRequest;
  state: 'opening' | 'open' | 'closed';
}

/**
 * One browser's storage with a lock for each clientId, held by the session that opened under it or adopted it. Each question
 * is answered when the test says so, by how it begins: `open u1`, `put u1/2`, `remove u1/2`.
 */
export const createSharedStorage = () => {
  const entries = new Map<string, StoredEntry>();
  const locks = new Map<string, Holder>();
  const holders: Holder[] = [];
  const closeCounts: number[] = [];
  let waiting: readonly Question[] = [];
  let isBroken = false;

  const later = (page: string, what: string, act: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting = [...waiting, { page, what, act, resolve, reject }];
    });
  const take = (what: string): Question => {
    const question = waiting.find((each) => each.what.startsWith(what));
    if (question === undefined) throw new Error(`No "${what}" among: ${waiting.map((each) => each.what)}`);
    waiting = waiting.filter((each) => each !== question);
    return question;
  };
  const answer = ({ act, resolve }: Question): void => {
    act();
    resolve();
  };
  const nameOf = ({ clientId, n }: StoredEntry): string => `${clientId}/${n}`;
  const adopts = (holder: Holder): void => {
    const free = [...entries.values()].filter(
      (entry) => entry.userId === holder.request.userId && !locks.has(entry.clientId),
    );
    for (const client of new Set(free.map((entry) => entry.clientId))) {
      if (holder.state !== 'open') return;
      locks.set(client, holder);
      holder.request.adopt(free.filter((entry) => entry.clientId === client));
    }
  };

  const storeOf = (page: string): OutboxStore => ({
    open(request) {
      if (isBroken) throw new Error('The store cannot be opened.');
      const holder: Holder = { page, request, state: 'opening' };
      holders.push(holder);
      const number = closeCounts.push(0) - 1;
      locks.set(request.clientId, holder);
      const loaded = later(page, `open ${request.clientId}`, () => {
        if (holder.state !== 'opening') return;
        holder.state = 'open';
        adopts(holder);
      });
      const session: StoreSession = {
        loaded,
        exclusive: true,
        put: (entry) => later(page, `put ${nameOf(entry)}`, () => void entries.set(entry.key, entry)),
        remove: (gone) =>
          later(page, `remove ${gone.map(nameOf)}`, () => {
            for (const { key } of gone) entries.delete(key);
          }),
        close(held) {
          holder.state = 'closed';
          closeCounts[number] = (closeCounts[number] ?? 0) + 1;
          for (const [client, owner] of [...locks])
            if (owner === holder && !held.has(client)) locks.delete(client);
        },
      };
      return session;
    },
  });

  return {
    store: storeOf(''),
    /** The storage as one page sees it. */
    storeOf,
    get heldClients(): readonly string[] {
      return [...locks.keys()];
    },
    get entries(): readonly StoredEntry[] {
      return [...entries.values()];
    },
    /** How often each session was closed, in the order in which they were opened. */
    closeCounts,
    /** Whether opening throws from now on. */
    breaks(broken: boolean): void {
      isBroken = broken;
    },
    async answers(what: string): Promise<void> {
      answer(take(what));
      await settles();
    },
    /** The question is never answered. */
    forgets: (what: string): string => take(what).what,
    async fails(what: string): Promise<void> {
      take(what).reject(new Error('disk full'));
      await settles();
    },
    /** The oldest that has no answer yet. */
    get nextQuestion(): string {
      return waiting[0]?.what ?? '';
    },
    /** How many questions have no answer yet. */
    get waitingCount(): number {
      return waiting.length;
    },
    async answersAll(): Promise<void> {
      while (waiting.length > 0) {
        answer(take(''));
        await settles();
      }
    },
    /** What nobody holds goes to those who wait for it. */
    handsOver(): void {
      for (const holder of [...holders]) if (holder.state === 'open') adopts(holder);
    },
    /** A page is gone: so much of what it asked for is done, nobody hears of it, and its locks are free. */
    loses(page: string, doneCount: number): void {
      const own = waiting.filter((each) => each.page === page);
      waiting = waiting.filter((each) => each.page !== page);
      for (const { act, what } of own.slice(0, doneCount)) if (!what.startsWith('open')) act();
      for (const holder of holders) if (holder.page === page) holder.state = 'closed';
      for (const [client, owner] of [...locks]) if (owner.page === page) locks.delete(client);
    },
  };
};
