/** One round: servers are killed with SIGKILL and listen on the same ports `downMs` later. */
import { firstOfEach, listenAnywhere, loadServer, pause, startClients } from './fleet.mjs';

/** Above the 5 s after which statesocket and partysocket call a connection recovered and count retries from 0 again. */
const SETTLE_MS = 6_000;
const CONNECT_LIMIT_MS = 20_000;

/** Answers, by candidate, the ms from listening to open of each client; null: not back after `limitMs`. */
export const restartRound = async (candidates, { clientCount, downMs, limitMs, settleMs = SETTLE_MS }) => {
  const names = Object.keys(candidates);
  const servers = [];
  for (const name of names) {
    const { server } = candidates[name];
    const before = await loadServer(server);
    servers.push({ name, before, after: await loadServer(server), port: await listenAnywhere(before) });
  }
  const clients = startClients(
    servers.map(({ name, port }) => ({
      question: 'restart',
      name,
      port,
      count: clientCount,
      spreadMs: 1_000,
    })),
  );
  try {
    const opened = (since) => (name) =>
      firstOfEach(clients.events, name, ({ what, at }) => what === 'open' && at > since(name));
    const areOpen = (openOf) => () => names.every((name) => openOf(name).size === clientCount);
    if (!(await clients.until(areOpen(opened(() => 0)), CONNECT_LIMIT_MS))) {
      throw new Error('Not every client could connect at first.');
    }
    await pause(settleMs);
    for (const { before } of servers) before.kill();
    await pause(downMs);
    const listening = await Promise.all(
      servers.map(async ({ name, after, port }) => [name, await after.listen(port)]),
    );
    const listeningAt = new Map(listening);
    const back = opened((name) => listeningAt.get(name));
    await clients.until(areOpen(back), limitMs);
    return Object.fromEntries(
      names.map((name) => {
        const openAgain = back(name);
        const waitsMs = Array.from({ length: clientCount }, (_, client) => {
          const event = openAgain.get(client);
          return event === undefined ? null : event.at - listeningAt.get(name);
        });
        return [name, waitsMs];
      }),
    );
  } finally {
    clients.kill();
    for (const { before, after } of servers) {
      before.kill();
      after.kill();
    }
  }
};
