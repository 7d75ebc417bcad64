import { createLink, createWorld, type SentFrame, settles } from './outbox-world.ts';
import { createSharedStorage } from './shared-storage.ts';

/** One thing that happens. The store does what it is asked in the order in which it was asked; when, or whether, is drawn. */
export type Step =
  | { readonly do: 'say' | 'receipt' | 'leave' | 'logout' | 'other page comes' | 'other page goes' }
  | { readonly do: 'hold charts' | 'begin charts' }
  | { readonly do: 'answer' | 'fail' | 'discard' | 'crash'; readonly at: number }
  | { readonly do: 'link'; readonly window: number }
  | { readonly do: 'decide'; readonly count: number }
  | { readonly do: 'cut'; readonly code: number }
  | { readonly do: 'come'; readonly user: 'ada' | 'ben' }
  | { readonly do: 'pass'; readonly ms: number };

type Link = ReturnType<typeof createLink>;

/** A server that says no. */
const isBad = (text: string): boolean => Number(text.split(' ')[1]) % 4 === 3;

/** A server of the extension, by the rules of docs/protocol.md: a number decides every lower one. */
const createServer = (onForgotten: (clientId: string, n: number) => void) => {
  const decided = new Map<string, number>();
  const rejections = new Map<string, Map<number, string>>();
  const effects: string[] = [];
  const refused = new Set<string>();
  const refusedTexts = new Set<string>();
  const takenOf = new WeakMap<Link, { count: number; clients: Map<string, number> }>();
  const of = (link: Link) => {
    const taken = takenOf.get(link) ?? { count: 0, clients: new Map<string, number>() };
    takenOf.set(link, taken);
    return taken;
  };
  const take = (
    { type, clientId = '', n = 0, key = '', text = '' }: SentFrame,
    clients: Map<string, number>,
  ) => {
    const rejected = rejections.get(clientId) ?? new Map<number, string>();
    rejections.set(clientId, rejected);
    // A socket's first command with a higher number: the client has what was said of the lower ones.
    for (const each of clients.has(clientId) ? [] : [...rejected.keys()]) {
      if (each >= n) continue;
      rejected.delete(each);
      onForgotten(clientId, each);
    }
    clients.set(clientId, Math.max(n, clients.get(clientId) ?? 0));
    if (n <= (decided.get(clientId) ?? 0)) return;
    decided.set(clientId, n);
    if (type !== 'SKIP' && !isBad(text)) effects.push(text);
    else {
      rejected.set(n, type === 'SKIP' ? 'skipped' : 'no');
      refused.add(key);
      refusedTexts.add(text);
    }
  };
  return {
    effects,
    /** It has decided it, one way or the other. */
    knows: (text: string): boolean => effects.includes(text) || refusedTexts.has(text),
    /** The keys of what it has rejected or skipped. */
    refused,
    /** Decides what has come on a link, so many of it. */
    decides(link: Link, count: number): void {
      const taken = of(link);
      for (const frame of link.frames.slice(taken.count, taken.count + count)) take(frame, taken.clients);
      taken.count = Math.min(link.frames.length, taken.count + count);
    },
    receiptsOf(link: Link) {
      return [...of(link).clients].map(([clientId, n]) => ({
        type: 'RECEIPT' as const,
        clientId,
        n,
        rejected: [...(rejections.get(clientId) ?? [])]
          .filter(([each]) => each <= n)
          .map(([each, code]) => ({ n: each, code })),
      }));
    },
  };
};

/** Plays the steps, then heals everything, and tells what is wrong. */
export const playOutbox = async (steps: readonly Step[]): Promise<readonly string[]> => {
  const storage = createSharedStorage();
  const faults: string[] = [];
  const server = createServer((clientId, n) => {
    const left = storage.entries.find((entry) => entry.clientId === clientId && entry.n === n);
    if (left !== undefined && left.failure === undefined && left.skip === undefined && !anyStoreFailed())
      faults.push(`the server forgets a rejection that is not stored: ${left.text}`);
  });
  /** What is said, and whether a person took it out. */
  const said = new Map<string, 'waits' | 'discarded' | 'logged out' | 'gone with its page'>();
  const failures = { count: 0 };
  const anyStoreFailed = (): boolean => failures.count > 0;
  const everFailed = new Set<string>();

  const openPage = (name: string) => {
    const meets = { server: false };
    const world = createWorld({ store: storage.storeOf(name), name, knowsServer: () => meets.server });
    const sent = new Set<string>();
    const at: { user: string | null; link: Link | null } = { user: null, link: null };
    const looks = (): void => {
      for (const { message, state, key } of world.outbox.entries) {
        const text = String(message.text);
        if (state === 'failed') everFailed.add(text);
        if (state === 'sent') sent.add(text);
        if (state === 'failed' && server.effects.includes(text))
          faults.push(`${text} failed, and took effect`);
        // Where a store failed, a rejection that it did not keep may be forgotten: docs/guarantees.md.
        const isExcused = (server.refused.has(key) || said.get(text) === 'discarded') && anyStoreFailed();
        if (state === 'delivered' && !server.effects.includes(text) && !isExcused)
          faults.push(`${text} is called delivered, and is not`);
      }
    };
    world.outbox.subscribe(looks);
    const noteFailures = (): void => {
      if (world.codes().includes('storage-failed')) failures.count += 1;
    };
    const page = {
      ...world,
      at,
      name,
      sent,
      noteFailures,
      /** What was said here. */
      said: new Set<string>(),
      cut(code: number | null): void {
        if (at.link === null) return;
        at.link = null;
        world.outbox.lost(code);
      },
      leaves(): void {
        page.cut(null);
        at.user = null;
        world.outbox.end('disconnect');
      },
      /** What waits leaves without a verdict: the person was told of it. */
      logsOut(): void {
        page.cut(null);
        for (const [text, fate] of said)
          if (fate === 'waits' && text.startsWith(`${at.user} `)) said.set(text, 'logged out');
        at.user = null;
        world.outbox.end('logout');
      },
      comes(user: string): void {
        if (at.user !== user) page.cut(null);
        if (at.user !== user) world.outbox.begin(user);
        at.user = user;
      },
      links(window: number): void {
        if (at.user === null) return;
        page.cut(1006);
        meets.server = true;
        at.link = createLink({
          window,
          onSend({ key, text }) {
            if (anyStoreFailed() || world.codes().includes('storage-failed')) return;
            const stored = storage.entries.find((entry) => entry.key === key);
            if (stored?.numbered !== true) faults.push(`${text} is sent before it is stored`);
          },
        });
        world.outbox.linked(at.link);
      },
      receipts(): void {
        const { link } = at;
        for (const receipt of link === null ? [] : server.receiptsOf(link))
          if (at.link === link) world.outbox.receipt(receipt);
      },
      /** What a socket does that was given up. */
      ends(): void {
        if ((at.link?.brokenCount ?? 0) > 0) page.cut(null);
      },
    };
    return page;
  };

  const at = { main: openPage('main1.'), count: 1 };
  const other: { page: ReturnType<typeof openPage> | null; count: number } = { page: null, count: 0 };
  const pages = () => [at.main, ...(other.page === null ? [] : [other.page])];
  let saidCount = 0;

  const take = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'say': {
        if (at.main.at.user === null) return;
        saidCount += 1;
        const text = `${at.main.at.user} ${saidCount}`;
        at.main.said.add(text);
        if (at.main.says(text) !== 'refused') said.set(text, 'waits');
        return;
      }
      case 'answer':
        for (let count = 0; count <= step.at; count += 1)
          if (storage.waitingCount > 0) await storage.answers('');
        return;
      case 'fail':
        // Seldom the opening: nothing is asked of the store after that.
        if (storage.waitingCount === 0) return;
        if (step.at > 0 && storage.nextQuestion.startsWith('open')) await storage.answers('');
        else await storage.fails('');
        return;
      case 'link':
        for (const page of pages()) page.links(step.window);
        return;
      case 'decide':
        for (const { at } of pages()) if (at.link !== null) server.decides(at.link, step.count);
        return;
      case 'receipt':
        for (const page of pages()) page.receipts();
        return;
      case 'cut':
        at.main.cut(step.code);
        return;
      case 'leave':
        at.main.leaves();
        return;
      case 'logout':
        at.main.logsOut();
        return;
      case 'hold charts':
        at.main.holdsCharts();
        return;
      case 'begin charts':
        at.main.beginsCharts();
        return;
      case 'come':
        at.main.comes(step.user);
        return;
      case 'crash': {
        const { main } = at;
        at.count += 1;
        at.main = openPage(`main${at.count}.`);
        storage.loses(main.name, step.at);
        const kept = new Set(storage.entries.map(({ text }) => String(JSON.parse(text).text)));
        for (const [text, fate] of said) {
          if (fate !== 'waits' || kept.has(text) || !main.said.has(text)) continue;
          if (main.sent.has(text) && !server.knows(text) && !anyStoreFailed())
            faults.push(`${text} was sent before it was stored`);
          said.set(text, 'gone with its page');
        }
        return;
      }
      case 'discard': {
        const entry = at.main.outbox.entries[step.at];
        if (entry === undefined || entry.state === 'delivered' || entry.state === 'failed') return;
        said.set(String(entry.message.text), 'discarded');
        at.main.outbox.discard(entry.key);
        return;
      }
      case 'pass':
        for (const page of pages()) page.clock.passes(step.ms);
        await settles();
        for (const page of pages()) page.ends();
        return;
      case 'other page comes':
        if (other.page !== null) return;
        other.count += 1;
        other.page = openPage(`other${other.count}.`);
        other.page.comes('ada');
        return;
      case 'other page goes':
        other.page?.outbox.end('dispose');
        other.page = null;
        return;
    }
  };

  /** A page on a quiet day: its user comes, all is answered and decided, and the user leaves. */
  const restsOn = async (page: ReturnType<typeof openPage>, user: string): Promise<void> => {
    page.comes(user);
    await storage.answersAll();
    page.links(32);
    for (let turn = 0; turn < 10; turn += 1) {
      await storage.answersAll();
      const { link } = page.at;
      if (link !== null) server.decides(link, 100);
      page.receipts();
    }
    await storage.answersAll();
    page.leaves();
    await storage.answersAll();
  };

  at.main.comes('ada');
  for (const step of steps) {
    await take(step);
    await settles();
    for (const page of pages()) page.noteFailures();
    storage.handsOver();
    await settles();
  }
  await take({ do: 'other page goes' });
  at.main.beginsCharts();
  await settles();
  at.main.leaves();
  await storage.answersAll();
  for (let round = 0; round < 3; round += 1) for (const user of ['ada', 'ben']) await restsOn(at.main, user);

  for (const [text, fate] of said) {
    const isEnded = fate !== 'waits' || everFailed.has(text) || server.effects.includes(text);
    if (!isEnded) faults.push(`${text} is lost`);
  }
  for (const text of new Set(server.effects))
    if (server.effects.filter((each) => each === text).length > 1) faults.push(`${text} took effect twice`);
  if (storage.heldClients.length > 0) faults.push(`locks are left: ${storage.heldClients}`);
  return faults;
};
