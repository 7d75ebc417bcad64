/** One round: a proxy in front of each server stalls, and what the clients notice of it is awaited. */
import { firstOfEach, listenAnywhere, loadServer, pause, startClients } from './fleet.mjs';
import { monotonicMs } from './monotonic-ms.mjs';
import { startStallProxy } from './stall-proxy.mjs';

/** Clients connect over this time, so that the stall meets their heartbeats in every phase. */
const SPREAD_MS = 30_000;
/** Until the last client has heard two heartbeats of our gateway. */
const SETTLE_MS = 33_000;
const CONNECT_LIMIT_MS = 60_000;

/** Answers, by candidate, the ms from the stall until each client found it, and until it was open again; null: never. */
export const halfOpenRound = async (
  candidates,
  { clientCount, limitMs, spreadMs = SPREAD_MS, settleMs = SETTLE_MS },
) => {
  const names = Object.keys(candidates);
  const links = [];
  for (const name of names) {
    const server = await loadServer(candidates[name].server);
    links.push({ name, server, proxy: await startStallProxy(await listenAnywhere(server)) });
  }
  const clients = startClients(
    links.map(({ name, proxy }) => ({
      question: 'half-open',
      name,
      port: proxy.port,
      count: clientCount,
      spreadMs,
    })),
  );
  try {
    const opened = (since) => (name) =>
      firstOfEach(clients.events, name, ({ what, at }) => what === 'open' && at > since);
    const allIn = (eventsOf) => () => names.every((name) => eventsOf(name).size === clientCount);
    if (!(await clients.until(allIn(opened(0)), CONNECT_LIMIT_MS))) {
      throw new Error('Not every client could connect at first.');
    }
    await pause(settleMs);
    const stalledAt = monotonicMs();
    for (const { proxy } of links) proxy.stall();
    const lost = (name) =>
      firstOfEach(clients.events, name, ({ what, at }) => what === 'lost' && at > stalledAt);
    await clients.until(allIn(opened(stalledAt)), limitMs);
    const since = (events) =>
      Array.from({ length: clientCount }, (_, client) => {
        const event = events.get(client);
        return event === undefined ? null : event.at - stalledAt;
      });
    return Object.fromEntries(
      names.map((name) => [name, { foundMs: since(lost(name)), backMs: since(opened(stalledAt)(name)) }]),
    );
  } finally {
    clients.kill();
    for (const { server, proxy } of links) {
      proxy.close();
      server.kill();
    }
  }
};
