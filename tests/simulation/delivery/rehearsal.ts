import type { World } from './world.ts';

/** By then the leases of nodes that died have ended, in ms after the last fault. */
const LEASES_END_MS = 40_000;
/** A lease, and until another node looks after it. */
const LEASE_MS = 25_000;
const HEARD_MS = 5_000;
const BACK_MS = 10_000;

/** Who is online, as a page has heard last, since this record. */
const onlineFor = (world: World, page: string, since: number): readonly string[] => {
  const last = world.history.records
    .slice(since)
    .findLast((record) => record.what === 'presence' && record.page === page);
  return last?.what === 'presence' ? last.online : [];
};

/** A node disconnects the user, who comes back and is shown who is online. */
const disconnectOnce = async (
  world: World,
  user: string,
  by: number,
  pass: (ms: number) => Promise<void>,
) => {
  const { history, network, pages, plan, nodes } = world;
  const links = network.links.filter((link) => link.userId === user && link.serverIsOpen);
  const since = history.records.length;
  nodes[by]?.kick(user);
  history.add({ what: 'fault', fault: 'kick', on: user });
  await pass(HEARD_MS);
  for (const { page, serverIsOpen } of links)
    if (serverIsOpen) history.add({ what: 'unheard', of: 'a disconnect', page });
  await pass(BACK_MS);
  for (const { user: owner, connection, name } of pages) {
    if (owner !== user || connection.status !== 'open') continue;
    const online = onlineFor(world, name, since);
    if (!plan.users.every((other) => online.includes(other)))
      history.add({ what: 'unheard', of: 'the presence of somebody', page: name });
  }
};

/** The user says something volatile to everybody. */
const nudgeOnce = async (
  { history, pages, plan }: World,
  user: string,
  pass: (ms: number) => Promise<void>,
) => {
  const since = history.records.length;
  const uid = pages.find((page) => page.user === user)?.nudge(plan.users) ?? null;
  if (uid === null) return;
  await pass(HEARD_MS);
  const heard = new Set<string>();
  for (const record of history.records.slice(since))
    if (record.what === 'volatile' && record.uid === uid) heard.add(record.page);
  for (const { name, connection } of pages)
    if (connection.status === 'open' && !heard.has(name))
      history.add({ what: 'unheard', of: 'a volatile message', page: name });
};

/** The last user goes, and so does the node that served that user, without a word. The others hear of it when its lease has ended. */
const leaveOnce = async (world: World, user: string, pass: (ms: number) => Promise<void>) => {
  const { history, network, nodes } = world;
  const link = network.links.findLast((one) => one.userId === user && one.serverIsOpen);
  const served = nodes.findIndex((node) => node?.name === link?.node);
  for (const page of world.pages.filter((one) => one.user === user)) world.closeTab(page);
  if (served !== -1) world.crashNode(served, 'anywhere');
  await pass(LEASE_MS);
  for (const { name, connection } of world.pages)
    if (connection.status === 'open' && onlineFor(world, name, 0).includes(user))
      history.add({ what: 'unheard', of: `that ${user} is gone`, page: name });
};

/**
 * When all is calm: each user is disconnected by a node, comes back and looks who is online, and says something volatile; then
 * one goes. What did not reach everybody it should is in the history.
 */
export const rehearse = async (world: World, playTo: (ms: number) => Promise<void>): Promise<void> => {
  const { plan, scheduler, nodes } = world;
  const pass = (ms: number) => playTo(scheduler.nowMs + ms);
  if (plan.engine === undefined || plan.engine === 'sqlite') return;
  await playTo(Math.max(scheduler.nowMs, plan.healAtMs + LEASES_END_MS));
  for (const [index, user] of plan.users.entries())
    await disconnectOnce(world, user, index % nodes.length, pass);
  for (const user of plan.users) await nudgeOnce(world, user, pass);
  await leaveOnce(world, plan.users.at(-1) ?? '', pass);
};
