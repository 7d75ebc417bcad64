/** Many pages, and what they say at a rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exponentialBackoff } from 'statesocket';
import { openPage } from './page.mjs';

const AT_ONCE = 50;
/** How often the pacer looks what is due, and how long what is under way may take at the end, in ms. */
const TICK_MS = 4;
const LAST_MS = 10_000;

export const dialAll = async (count, dialOne, atOnce = AT_ONCE) => {
  const pages = [];
  let next = 0;
  const dialOn = async () => {
    for (let index = next++; index < count; index = next++) pages[index] = await dialOne(index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, dialOn));
  return pages;
};

/** Pages of users 0 to count - 1, each at the node that `nodeOf` says. `hear(index, message)` hears what comes. */
export const openCrowd = async ({ nodes, count, kind, nodeOf = (index) => index % nodes.length }) => {
  const crowd = { hear: () => {}, pages: [] };
  let resumedCount = 0;
  crowd.pages = await dialAll(count, (index) =>
    openPage(nodes[nodeOf(index)].port, index, {
      speaksExtension: kind !== 'plain',
      onMessage(message) {
        if (message.type === 'RESUMED') resumedCount += 1;
        crowd.hear(index, message);
      },
    }),
  );
  for (const until = Date.now() + 60_000; kind !== 'plain' && resumedCount < count; await sleep(20))
    if (Date.now() > until)
      throw new Error(`Only ${resumedCount} of ${count} pages resumed within a minute.`);
  return {
    pages: crowd.pages,
    listen(hear) {
      crowd.hear = hear;
    },
    close() {
      for (const page of crowd.pages) page.hangUp();
    },
  };
};

/** Calls `sayOne(n)` so often a second, whatever became of those before: a queue that grows shows in the latencies. */
export const sayAtRate = async (perSecond, seconds, sayOne) => {
  const startedAt = performance.now();
  const total = Math.round(perSecond * seconds);
  for (let said = 0; said < total; await sleep(TICK_MS)) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1_000) * perSecond));
    for (; said < due; said += 1) sayOne(said);
  }
  return total;
};

/**
 * Chat: each message is a durable command of one user to another, and is over when it is on the other's socket, and receipted.
 *
 * @param partnerOf The user to whom one speaks.
 */
export const chat = async ({ crowd, perSecond, seconds, partnerOf }) => {
  const latencies = [];
  let receiptCount = 0;
  crowd.listen((index, message) => {
    if (message.type === 'RECEIPT') receiptCount += 1;
    if (message.type === 'SAID' && message.from !== `u-${index}`)
      latencies.push(performance.now() - message.at);
  });
  const { pages } = crowd;
  const total = await sayAtRate(perSecond, seconds, (n) => {
    const from = (n * 7_919) % pages.length;
    const say = { type: 'SAY', to: `u-${partnerOf(from)}`, at: performance.now(), text: 'x'.repeat(80) };
    pages[from].command(say);
  });
  for (const until = Date.now() + LAST_MS; latencies.length < total && Date.now() < until; ) await sleep(20);
  return { total, latencies, lateCount: total - latencies.length, receiptCount };
};

/** Volatile: each user says so often a second something to itself, and something to its room of six. */
export const shout = async ({ crowd, perUserPerSecond, seconds }) => {
  const latencies = [];
  crowd.listen((_index, message) => {
    if (message.type === 'ECHOED' || message.type === 'SHOUTED')
      latencies.push(performance.now() - message.at);
  });
  const { pages } = crowd;
  const perSecond = pages.length * perUserPerSecond * 2;
  const total = await sayAtRate(perSecond, seconds, (n) => {
    const type = n % 2 === 0 ? 'ECHO' : 'SHOUT';
    pages[Math.floor(n / 2) % pages.length].say({ type, at: performance.now(), text: 'x'.repeat(60) });
  });
  const owed = (total / 2) * 7;
  for (const until = Date.now() + LAST_MS; latencies.length < owed && Date.now() < until; ) await sleep(20);
  return { total: owed, latencies, lateCount: owed - latencies.length };
};

/** Pages that dial again when they are lost, as a connection of statesocket does: within 2 s, then by its backoff. */
export const createReturning = ({ portOf, kind }) => {
  const backoff = exponentialBackoff();
  const state = { openCount: 0, lastAt: 0 };
  const dialOne = async (index) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await openPage(portOf(), index, {
          speaksExtension: kind !== 'plain',
          onLost() {
            state.openCount -= 1;
            void sleep(Math.random() * backoff.spreadMs).then(() => dialOne(index));
          },
        });
        state.openCount += 1;
        state.lastAt = performance.now();
        return;
      } catch {
        await sleep(backoff(attempt + 1, Math.random));
      }
    }
  };
  return { state, dialOne };
};
