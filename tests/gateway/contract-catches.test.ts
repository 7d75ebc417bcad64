import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { engineContract } from '../../src/gateway/contract/index.ts';
import {
  type Decision,
  type Engine,
  type EngineOptions,
  memoryEngine,
  type Publication,
} from '../../src/gateway/index.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** An engine that is wrong in one way, the way itself, and the case of the contract that says so. */
type Wrong = readonly [
  what: string,
  breakIt: (engine: Engine, options: EngineOptions) => Partial<Engine>,
  caught: string,
];

/** The same, with a clock that is told otherwise. */
const withClock = (tell: (wallMs: number) => number) => (_: Engine, options: EngineOptions) =>
  memoryEngine({ ...options, now: () => tell(options.now?.() ?? 0) });
/** A wrapper around what one node opens. */
const withChannel =
  (wrap: (channel: Channel, listener: Listener) => Partial<Channel>) =>
  (engine: Engine): Partial<Engine> => ({
    openChannel(listener) {
      const channel = channelOf(engine, listener);
      return { ...channel, ...wrap(channel, listener) };
    },
  });
type Listener = Parameters<NonNullable<Engine['openChannel']>>[0];
type Channel = ReturnType<NonNullable<Engine['openChannel']>>;
const channelOf = (engine: Engine, listener: Listener): Channel => {
  const channel = engine.openChannel?.(listener);
  if (channel === undefined) throw new Error('The memory engine has a channel.');
  return channel;
};
const changedTexts = (change: (text: string) => string) => (engine: Engine) => ({
  append: ((userId, texts, mark) => engine.append(userId, texts.map(change), mark)) as Engine['append'],
});
const namedOtherwise = (rename: (name: string) => string) => (engine: Engine) =>
  ({
    decide: (userId, clientId, ...rest) => engine.decide(userId, rename(clientId), ...rest),
    recall: (userId, clientId, n) => engine.recall(userId, rename(clientId), n),
  }) satisfies Partial<Engine>;

const LOGS: readonly Wrong[] = [
  ['begins logs at a position of its own', () => ({ last: async () => '1-x' }), 'the log: begins every log'],
  [
    'reads the newest first',
    (engine) => ({
      readAfter: async (...given) => (await engine.readAfter(...given))?.toReversed() ?? null,
    }),
    'the log: gives entries back in the order',
  ],
  [
    'reads more than it was asked for',
    (engine) => ({ readAfter: (userId, position) => engine.readAfter(userId, position, 1_000) }),
    'the log: reads after any stored position',
  ],
  [
    'writes texts its own way',
    changedTexts((text) => text.replace('ü', 'u')),
    'the log: keeps the text byte for byte',
  ],
  [
    'cuts texts at U+0000',
    changedTexts((text) => text.split('\u0000')[0] ?? ''),
    'the log: gives back any text',
  ],
  [
    'takes a text of its own making for another one',
    changedTexts((text) => text.replace(/^\ufdd0/, '')),
    'the log: gives back any text',
  ],
  [
    'takes a number in another notation for a position',
    (engine) => ({
      readAfter: async (userId, position, limit) =>
        position === '1e9-x' ? [] : engine.readAfter(userId, position, limit),
    }),
    'the log: does not know a position of another user',
  ],
  [
    'gives two logs the same ids',
    (_, options) => memoryEngine({ ...options, suffix: () => 'x' }),
    'the log: never gives an id twice',
  ],
  [
    'stores the messages of an append one by one',
    (engine) => ({
      async append(userId, texts) {
        const ids: string[] = [];
        for (const text of texts) {
          ids.push(...(await engine.append(userId, [text])));
          await sleep(0);
        }
        return ids;
      },
    }),
    'the log: keeps the messages of one append together',
  ],
  [
    'reads before what was appended before it',
    (engine) => ({
      async append(...given) {
        await Promise.resolve();
        return engine.append(...given);
      },
    }),
    'the log: does the calls of one user in their order',
  ],
  [
    'goes on after it was closed',
    () => ({ close: async () => {} }),
    'the log: rejects with engine-failed after close',
  ],
  [
    'keeps whatever comes',
    (_, { retention: _retention, ...options }) => memoryEngine(options),
    'retention: drops the oldest entries beyond maxCount',
  ],
  [
    'keeps one too few',
    (_, { retention, ...options }) =>
      memoryEngine({ ...options, retention: { maxCount: (retention?.maxCount ?? 1_000) - 1 } }),
    'retention: keeps exactly maxCount entries',
  ],
  [
    'keeps entries however old they are',
    (_, { retention: _retention, ...options }) => memoryEngine(options),
    'retention: drops entries older than maxAgeMs',
  ],
];

/** Each user's slot knows nothing of the others: who gets nothing new is never looked at. */
const oneEngineEach = (_: Engine, options: EngineOptions): Partial<Engine> => {
  const engines = new Map<string, Engine>();
  const of = (userId: string): Engine => {
    const engine = engines.get(userId) ?? memoryEngine(options);
    engines.set(userId, engine);
    return engine;
  };
  return {
    append: (userId, ...rest) => of(userId).append(userId, ...rest),
    readAfter: (userId, ...rest) => of(userId).readAfter(userId, ...rest),
    decide: (userId, ...rest) => of(userId).decide(userId, ...rest),
    recall: (userId, ...rest) => of(userId).recall(userId, ...rest),
  };
};

const CLOCKS: readonly Wrong[] = [
  ['forgets a log only when it is written to', oneEngineEach, 'retention: reaches users who get nothing new'],
  [
    'forgets marks only when they are asked for',
    oneEngineEach,
    'retention: forgets marks and clients of users',
  ],
  [
    'counts every day of a jump',
    (_, { now = Date.now }) => {
      let shownMs = now();
      const engine = memoryEngine({ now: () => shownMs });
      return {
        ...engine,
        async append(...given) {
          for (; shownMs < now(); shownMs += DAY_MS) await engine.append('ticker', ['{}']);
          return engine.append(...given);
        },
      };
    },
    'a wrong clock: counts a step of the clock as a day at most',
  ],
  [
    'counts a clock that flaps at each flap',
    (_, options) => {
      const seen = { wallMs: options.now?.() ?? 0, ageMs: options.now?.() ?? 0 };
      return withClock((wallMs) => {
        seen.ageMs += Math.abs(wallMs - seen.wallMs);
        seen.wallMs = wallMs;
        return seen.ageMs;
      })(_, options);
    },
    'a wrong clock: counts each time of a clock that flaps only once',
  ],
  [
    'counts a day at each jump, also back',
    (_, options) => {
      const seen = { wallMs: options.now?.() ?? 0, ageMs: options.now?.() ?? 0 };
      return withClock((wallMs) => {
        if (wallMs !== seen.wallMs) seen.ageMs += DAY_MS;
        seen.wallMs = wallMs;
        return seen.ageMs;
      })(_, options);
    },
    'a wrong clock: forgets nothing because a clock is 29 days ahead at every other moment',
  ],
  [
    'never forgets a mark of who gets nothing new',
    (engine) => {
      const seen = new Set<string>();
      return {
        async append(userId, texts, mark) {
          const name = JSON.stringify([userId, mark]);
          if (mark !== undefined && seen.has(name)) return 'repeat';
          seen.add(name);
          return engine.append(userId, texts, mark);
        },
      };
    },
    'retention: forgets marks and clients of users',
  ],
  [
    'has no clock any more, once that told no time',
    (_, options) => {
      let isBroken = false;
      return withClock((wallMs) => {
        isBroken ||= Number.isNaN(wallMs);
        return isBroken ? Number.NaN : wallMs;
      })(_, options);
    },
    'a wrong clock: goes on when the clock tells no time',
  ],
  ['never forgets a mark', withClock(() => 0), 'marks: keeps a mark four times as long'],
  ['never forgets a client', withClock(() => 0), 'decisions: remembers a client for four times as long'],
];

const MARKS: readonly Wrong[] = [
  [
    'takes the same number twice',
    (engine) => {
      const seen = new Set<string>();
      return {
        append: (async (userId, texts, mark) => {
          if (mark === undefined) return engine.append(userId, texts);
          const name = JSON.stringify([userId, mark]);
          const n = 2 * mark.n + (seen.has(name) ? 1 : 0);
          seen.add(name);
          return engine.append(userId, texts, { origin: mark.origin, n });
        }) as Engine['append'],
      };
    },
    'marks: appends nothing of a mark that is not above',
  ],
  [
    'takes two origins for one',
    (engine) => ({
      append: (userId, texts, mark) =>
        engine.append(userId, texts, mark && { ...mark, origin: mark.origin.toLowerCase() }),
    }),
    'marks: keeps marks apart by origin',
  ],
  [
    'keeps the mark of an append that was empty',
    (engine) => {
      const empty = new Set<string>();
      return {
        async append(userId, texts, mark) {
          if (texts.length === 0) empty.add(JSON.stringify(mark));
          else if (empty.has(JSON.stringify(mark))) return 'repeat';
          return engine.append(userId, texts, mark);
        },
      };
    },
    'marks: sets no mark for an append without messages',
  ],
  [
    'keeps a mark with its message only',
    (engine) => {
      let dropped = 0;
      return {
        append(userId, texts, mark) {
          if (mark === undefined && texts.length > 0) dropped += 1;
          return engine.append(userId, texts, mark && { ...mark, origin: `${mark.origin} ${dropped}` });
        },
      };
    },
    'marks: keeps a mark when retention drops the message',
  ],
];

const DECISIONS: readonly Wrong[] = [
  [
    'keeps no origin of a publication',
    (engine) => ({
      decide: (userId, clientId, decision, seen) =>
        engine.decide(
          userId,
          clientId,
          {
            ...decision,
            publications: decision.publications.map(({ userIds, text }) => ({ userIds, text })),
          },
          seen,
        ),
    }),
    'decisions: keeps an origin',
  ],
  ...(
    [
      ['forgets whom a decision is to be told', () => ({}), 'decides a number once'],
      [
        'writes what is to be told its own way',
        (publication) => ({ ...publication, text: publication.text.replace('\ud83c\udf81', '?') }),
        'keeps an origin',
      ],
    ] as const satisfies readonly (readonly [
      string,
      (publication: Publication) => Partial<Publication>,
      string,
    ])[]
  ).map(
    ([what, change, caught]): Wrong => [
      what,
      (engine) => ({
        decide: (userId, clientId, decision, seen) => {
          const publications = decision.publications.map(change) as Publication[];
          return engine.decide(userId, clientId, { ...decision, publications }, seen);
        },
      }),
      `decisions: ${caught}`,
    ],
  ),
  [
    'says to each of two that theirs is stored',
    (engine) => ({
      async decide(userId, clientId, decision, seen) {
        const { decided } = await engine.decide(userId, clientId, decision, seen);
        return { decided, stored: { ...decision, fanned: true } };
      },
    }),
    'decisions: takes one decision when two sockets decide',
  ],
  [
    'takes two clients for one',
    namedOtherwise((name) => name.toLowerCase()),
    'decisions: keeps the numbers of users and of clients apart',
  ],
  ...(['more', 'less'] as const).map(
    (what): Wrong => [
      `decides for a caller that has seen ${what}`,
      (engine) => ({
        decide: async (userId, clientId, decision) =>
          engine.decide(userId, clientId, decision, (await engine.recall(userId, clientId, 0)).decided),
      }),
      `decisions: stores nothing for a caller that has seen ${what}`,
    ],
  ),
  [
    'keeps what was told',
    (engine) => ({
      fanned: async (userId, clientId) => (await engine.recall(userId, clientId, 0)).decided,
    }),
    'decisions: drops what was to be told when it was told',
  ],
  [
    'forgets nothing that is receipted',
    (engine) => ({
      async resumeCommands(userId, clientId) {
        const unfanned = await engine.unfanned(userId);
        return {
          decided: (await engine.recall(userId, clientId, 0)).decided,
          unfanned: unfanned.filter((one) => one.clientId === clientId).map(({ decision }) => decision),
        };
      },
    }),
    'decisions: forgets what is receipted when a socket begins',
  ],
  [
    'has what was not told yet the wrong way round',
    (engine) => ({ unfanned: async (userId) => (await engine.unfanned(userId)).toReversed() }),
    'decisions: knows what is not told yet',
  ],
  [
    'keeps ten decisions',
    (engine) => ({
      async recall(userId, clientId, n) {
        const { decided, stored } = await engine.recall(userId, clientId, n);
        return { decided, stored: n > decided - 10 ? stored : null };
      },
    }),
    'decisions: keeps the last 64 decisions',
  ],
  [
    'keeps every decision',
    (engine) => {
      const all = new Map<number, Decision>();
      return {
        decide(userId, clientId, decision, seen) {
          all.set(decision.n, decision);
          return engine.decide(userId, clientId, decision, seen);
        },
        async recall(userId, clientId, n) {
          const { decided, stored } = await engine.recall(userId, clientId, n);
          const kept = all.get(n);
          return { decided, stored: stored ?? (kept === undefined ? null : { ...kept, fanned: true }) };
        },
      };
    },
    'decisions: keeps the last 64 decisions',
  ],
  [
    'has numbers of 32 bits',
    (engine) => ({
      decide: (userId, clientId, decision, seen) =>
        engine.decide(userId, clientId, { ...decision, n: decision.n % 2 ** 32 }, seen),
    }),
    'decisions: takes the largest number there is',
  ],
];

const NEWS: readonly Wrong[] = [
  [
    'rings for everybody',
    (engine) => ({ subscribe: (_, doorbell) => engine.subscribe('anna', doorbell) }),
    'the doorbell: rings the doorbell of this user',
  ],
  [
    'rings before there is anything to read',
    (engine) => ({
      async append(userId, ...rest) {
        engine.ring?.([userId]);
        await sleep(1);
        return memoryEngine().append(userId, ...rest);
      },
    }),
    'the doorbell: rings at every process that has the store',
  ],
  [
    'goes on to ring whoever has left',
    (engine) => ({
      subscribe(userId, doorbell) {
        engine.subscribe(userId, doorbell);
        return () => {};
      },
    }),
    'the doorbell: rings every subscription until it is ended',
  ],
  [
    'rings for nothing',
    (engine) => ({
      append(userId, texts, mark) {
        if (texts.length === 0) engine.ring?.([userId]);
        return engine.append(userId, texts, mark);
      },
    }),
    'the doorbell: appends nothing and rings nobody for an empty append',
  ],
  [
    'rings for others, too, when it is asked to',
    (engine) => ({ ring: (userIds) => engine.ring?.([...userIds, 'cleo', 'cleo']) }),
    'the doorbell: rings when it is asked to',
  ],
  [
    'takes everybody for online',
    withChannel(() => ({ online: async (userIds) => userIds })),
    'nodes: know who is online anywhere',
  ],
  [
    'takes places in another order',
    withChannel(({ place }) => ({
      place: async (userId, count) => {
        await sleep(count === 1 ? 5 : 0);
        return place(userId, count);
      },
    })),
    'nodes: do the places of one user in their order',
  ],
  [
    'lets two be the first',
    withChannel(({ place }) => ({
      place: async (userId, count) => ({ before: 0, after: (await place(userId, count)).after }),
    })),
    'nodes: one of two that place a user at once',
  ],
  [
    'tells a node what it has said itself',
    withChannel(({ say }, listener) => ({
      say(userIds, text) {
        say(userIds, text);
        listener.hear(userIds, text);
      },
    })),
    'nodes: hear what others say to their users',
  ],
  [
    'cuts what is long',
    withChannel(({ say }) => ({ say: (userIds, text) => say(userIds, text.slice(0, 8_000)) })),
    'nodes: hear words that are long',
  ],
  [
    'tells every node everything',
    (engine) => {
      const listeners = new Set<Listener>();
      return withChannel((_, listener) => {
        listeners.add(listener);
        return {
          say: (userIds, text) => {
            for (const one of listeners) if (one !== listener) one.hear(userIds, text);
          },
        };
      })(engine);
    },
    'nodes: say nothing to a node where none of the users is',
  ],
  [
    'is late in its own way with each call',
    (engine) => {
      let count = 0;
      return {
        async append(...given) {
          count += 1;
          await sleep(count % 2 === 0 ? 5 : 0);
          return engine.append(...given);
        },
      };
    },
    'faults: the calls of one user keep their order',
  ],
];

const MANY: readonly Wrong[] = [
  [
    'appends a hundred at most',
    (engine) => ({
      appendMany: (appends) =>
        Promise.allSettled(
          appends.slice(0, 100).map(({ userId, texts, mark }) => engine.append(userId, texts, mark)),
        ),
    }),
    'many at once: appends to a thousand users',
  ],
  [
    'decides many in another order',
    (engine) => ({
      decideMany: (decides) =>
        Promise.allSettled(
          decides
            .toReversed()
            .map(({ userId, clientId, decision, seen }) => engine.decide(userId, clientId, decision, seen)),
        ),
    }),
    'many at once: decides many',
  ],
  [
    'forgets what several append at once',
    (engine) => ({
      appendMany: (appends) =>
        Promise.allSettled(
          appends.slice(1).map(({ userId, texts, mark }) => engine.append(userId, texts, mark)),
        ),
    }),
    'many at once: chains what many callers append',
  ],
];

describe('the contract catches an engine that', () => {
  it.each([...LOGS, ...CLOCKS, ...MARKS, ...DECISIONS, ...NEWS, ...MANY])(
    '%s',
    async (_, breakIt, caught) => {
      const open = (options: EngineOptions): Engine => {
        const engine = memoryEngine(options);
        return { ...engine, ...breakIt(engine, options) };
      };
      const found = engineContract({ open }).find(({ name }) => name.startsWith(caught));
      if (found === undefined) throw new Error(`There is no case ${caught}`);
      await expect(found.run()).rejects.toThrow();
    },
  );
});

it('an engine without the parts that it may leave out passes the cases of these', async () => {
  const open = (options: EngineOptions): Engine => {
    const { ring: _ring, openChannel: _openChannel, ...engine } = memoryEngine(options);
    return engine;
  };
  const optional = engineContract({ open }).filter(({ name }) =>
    /^(nodes|many at once|the doorbell: rings when it is asked to)/.test(name),
  );
  expect(optional.length).toBeGreaterThan(10);
  for (const { run } of optional) await run();
});
