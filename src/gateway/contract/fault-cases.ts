import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMPTY_POSITION } from '../../protocol/extension.ts';
import type { Engine } from '../engine/engine.ts';
import { type Faults, faultyEngine } from './faulty-engine.ts';
import { type CaseOf, contractCase, createBell, done, eventually, text } from './scene.ts';

const COMMANDS_COUNT = 15;
const SENDERS = ['anna', 'bert', 'cleo'];
const RECIPIENTS = ['dora', 'emil'];
const HEARTBEAT_MS = 20;

/** Numbers from 0 to 1, the same ones for a seed. */
const createChance = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const faultsOf = (seed: number): Faults => {
  const chance = createChance(seed);
  return {
    fateOf() {
      const dice = chance();
      const fails = dice < 0.15 ? 'before' : dice < 0.3 ? 'after' : undefined;
      return { fails, lateMs: chance() < 0.3 ? 3 : 0 };
    },
    isHeard: () => chance() < 0.5,
  };
};

/** As a client that sends a command again on its next socket. */
const untilItWorks = async <T>(step: () => Promise<T>): Promise<T> => {
  for (let count = 1; ; count += 1) {
    try {
      return await step();
    } catch (cause) {
      if (count === 1_000) throw cause;
    }
  }
};

/** One command as the gateway carries it out, from the begin after each failure. */
const carryOut = async (engine: Engine, sender: string, n: number) => {
  const publications = [{ userIds: RECIPIENTS, text: text(`${sender} ${n}`) }];
  await untilItWorks(async () => {
    const { decided, unfanned } = await engine.resumeCommands(sender, 'page', n);
    if (decided < n) await engine.decide(sender, 'page', done(n, publications), decided);
    const stored =
      unfanned.find((decision) => decision.n === n) ?? (await engine.recall(sender, 'page', n)).stored;
    const mark = { origin: JSON.stringify([sender, 'page']), n };
    for (const publication of stored?.publications ?? [])
      for (const userId of publication.userIds) await engine.append(userId, [publication.text], mark);
    await engine.fanned(sender, 'page', n);
  });
};

/** Follows a log by its doorbell and by heartbeats, as a socket does. */
const follow = (engine: Engine, userId: string) => {
  const texts: string[] = [];
  let position = EMPTY_POSITION;
  let isReading = false;
  const read = async () => {
    if (isReading) return;
    isReading = true;
    try {
      for (const entry of (await engine.readAfter(userId, position, 100)) ?? []) {
        assert.equal(entry.prev, position);
        position = entry.id;
        texts.push(entry.text);
      }
    } catch {
      // The next heartbeat reads again.
    }
    isReading = false;
  };
  const end = engine.subscribe(userId, () => void read());
  const timer = setInterval(() => void read(), HEARTBEAT_MS);
  return {
    texts,
    stop() {
      clearInterval(timer);
      end();
    },
  };
};

const ofSender = (texts: readonly string[], sender: string) =>
  texts.map((one) => String((JSON.parse(one) as { n: string }).n)).filter((name) => name.startsWith(sender));

/** What holds while calls fail, with and without effect, are late, and rings are lost. */
export const FAULT_CASES: readonly CaseOf[] = [
  ...[1, 2, 3].map((seed) =>
    contractCase(
      `whatever fails or is late, each command reaches each recipient once and in order (seed ${seed})`,
      async ({ engine: store }) => {
        const engine = faultyEngine(store, faultsOf(seed));
        const followers = RECIPIENTS.map((userId) => follow(engine, userId));
        try {
          await Promise.all(
            SENDERS.map(async (sender) => {
              for (let n = 1; n <= COMMANDS_COUNT; n += 1) await carryOut(engine, sender, n);
            }),
          );
          const said = (sender: string) =>
            Array.from({ length: COMMANDS_COUNT }, (_, at) => `${sender} ${at + 1}`);
          for (const { texts } of followers) {
            await eventually(() => assert.equal(texts.length, SENDERS.length * COMMANDS_COUNT));
            for (const sender of SENDERS) assert.deepEqual(ofSender(texts, sender), said(sender));
          }
          for (const sender of SENDERS) assert.deepEqual(await store.unfanned(sender), []);
        } finally {
          for (const { stop } of followers) stop();
        }
      },
    ),
  ),
  contractCase('a reader that never hears a ring comes by all the same', async ({ engine: store }) => {
    const engine = faultyEngine(store, { fateOf: () => ({}), isHeard: () => false });
    const bell = createBell();
    engine.subscribe('anna', bell.ring);
    const { texts, stop } = follow(engine, 'anna');
    try {
      for (let n = 1; n <= 3; n += 1) await engine.append('anna', [text(n)]);
      await eventually(() => assert.deepEqual(texts, [text(1), text(2), text(3)]));
      assert.equal(bell.count, 0);
    } finally {
      stop();
    }
  }),
  contractCase(
    'the calls of one user keep their order when all of them are late',
    async ({ engine: store }) => {
      const chance = createChance(7);
      const engine = faultyEngine(store, { fateOf: () => ({ lateMs: Math.floor(chance() * 8) }) });
      const calls = Array.from({ length: 30 }, (_, n) => engine.append('anna', [text(n)]));
      const last = engine.last('anna');
      const ids = await Promise.all(calls);
      await sleep(0);
      assert.equal(await last, ids.at(-1)?.[0]);
      assert.deepEqual(
        (await store.readAfter('anna', EMPTY_POSITION, 100))?.map((entry) => entry.text),
        Array.from({ length: 30 }, (_, n) => text(n)),
      );
    },
  ),
];
