import type { Link } from './link.ts';
import { reuseNumber, speakOnTwoSockets } from './other-clients.ts';
import type { Page } from './page.ts';
import type { Deed, Fault } from './steps.ts';
import type { World } from './world.ts';

/** After a half-open link the system gives up at last, in ms. */
const SYSTEM_GIVES_UP_MS = 90_000;
/** How late what a client had sent on its old socket may come. */
const ZOMBIE_MS = 8_000;

const pageOf = (world: World, user: string, tab: number): Page | undefined => {
  const own = world.pages.filter((page) => page.user === user);
  return own[tab % Math.max(1, own.length)];
};

const doDeed = (world: World, deed: Deed): void => {
  if (deed.do === 'announce') {
    for (let count = 0; count < deed.count; count += 1) {
      const ref = `news#${world.app.announcements.length + 1}`;
      world.app.announcements.push({ ref, to: deed.to });
      world.history.add({ what: 'announced', ref, to: deed.to });
    }
    for (const node of world.nodes) node?.announce();
  } else if (deed.do === 'shut' || deed.do === 'unshut') {
    world.app.isOpen = deed.do === 'unshut';
  } else if (deed.do === 'open tab') {
    world.openTab(deed.user);
  } else {
    const page = pageOf(world, deed.user, deed.tab);
    if (page === undefined) return;
    if (deed.do === 'say') for (let count = 0; count < deed.count; count += 1) page.say(deed);
    else if (deed.do === 'nudge') page.nudge(deed.to);
    else if (deed.do === 'retry') page.retryFailed();
    else if (deed.do === 'discard') page.discardOldest();
    else if (deed.do === 'disconnect') page.disconnect();
    else if (deed.do === 'logout') page.logout();
    else page.connect();
  }
};

/** Runs it on the link; false when there is none to run it on. */
const onLink = (
  world: World,
  { user, tab }: { readonly user: string; readonly tab: number },
  run: (link: Link) => void,
): boolean => {
  const page = pageOf(world, user, tab);
  const [link] = page === undefined ? [] : world.linksOf(page);
  if (link === undefined) return false;
  run(link);
  return true;
};

const loseBoth = (link: Link) => {
  link.up.die();
  link.down.die();
};
const resetNow = (link: Link) => {
  loseBoth(link);
  link.endClient();
  link.endServer();
};

/** A fault of a link. Answers whether there was one to break. */
const breakLink = (world: World, fault: Extract<Fault, { readonly tab: number }>): boolean => {
  const { scheduler } = world;
  switch (fault.fault) {
    case 'reset':
      return onLink(world, fault, resetNow);
    case 'cut':
      return onLink(world, fault, (link) => {
        loseBoth(link);
        link.endClient();
        scheduler.after(fault.for, link.endServer);
      });
    case 'cut by server':
      return onLink(world, fault, (link) => {
        loseBoth(link);
        link.endServer();
        scheduler.after(fault.for, link.endClient);
      });
    case 'cut in a burst':
      return onLink(world, fault, (link) => link.down.afterArrivals(fault.count, () => resetNow(link)));
    case 'half-open':
      return onLink(world, fault, (link) => {
        if (fault.way !== 'down') link.up.die();
        if (fault.way !== 'up') link.down.die();
        scheduler.after(SYSTEM_GIVES_UP_MS, () => {
          link.endClient();
          link.endServer();
        });
      });
    case 'zombie':
      return onLink(world, fault, (link) => {
        link.up.stall();
        link.down.die();
        link.endClient();
        scheduler.after(Math.min(fault.for, ZOMBIE_MS), link.up.flow);
        scheduler.after(SYSTEM_GIVES_UP_MS, link.endServer);
      });
    case 'stall':
      return onLink(world, fault, (link) => {
        if (fault.after === undefined) link[fault.way].stall();
        else link[fault.way].afterArrivals(fault.after, link[fault.way].stall);
        scheduler.after(fault.for, link[fault.way].flow);
      });
    case 'delay':
      return onLink(world, fault, (link) => {
        link[fault.way].slow(2_000);
        scheduler.after(fault.for, () => link[fault.way].slow(0));
      });
    default:
      return false;
  }
};

/** A fault of a page or of the browser around it. */
const troublePage = (world: World, fault: Extract<Fault, { readonly tab: number }>): boolean => {
  const page = pageOf(world, fault.user, fault.tab);
  if (page === undefined) return false;
  const { actor } = page.connection;
  switch (fault.fault) {
    case 'sleep':
      page.host.freeze(fault.for);
      return true;
    case 'suspend':
      actor.send({ type: 'page.suspended' });
      page.host.after(fault.for, () => actor.send({ type: 'page.resumed' }));
      return true;
    case 'clock jump':
      page.host.jump(fault.ms);
      return true;
    case 'reload tab':
      world.closeTab(page);
      world.openTab(fault.user);
      return true;
    case 'close tab':
      world.closeTab(page);
      return true;
    case 'duplicate tab':
      world.openTab(fault.user);
      return true;
    case 'stumble':
      page.stumble(fault.times);
      return true;
    default:
      return false;
  }
};

const goOffline = (world: World, user: string, ms: number): void => {
  const own = () => world.pages.filter((page) => page.user === user);
  world.offline.add(user);
  for (const page of own()) {
    for (const link of world.linksOf(page)) {
      link.up.stall();
      link.down.stall();
    }
    page.connection.actor.send({ type: 'network.lost' });
  }
  world.scheduler.after(ms, () => {
    world.offline.delete(user);
    for (const page of own()) {
      for (const link of world.linksOf(page)) {
        link.up.flow();
        link.down.flow();
      }
      page.connection.actor.send({ type: 'network.restored' });
    }
  });
};

const troubleNode = (world: World, fault: Extract<Fault, { readonly node: number }>): boolean => {
  const { scheduler, nodes } = world;
  const index = fault.node % nodes.length;
  const node = nodes[index];
  if (node === null || node === undefined) return false;
  const restart = (ms: number) => scheduler.after(ms, () => world.startNode(index));
  switch (fault.fault) {
    case 'crash':
      world.crashNode(index, 'anywhere');
      restart(fault.for);
      return true;
    case 'crash at a call':
      node.store.arm(fault);
      return true;
    case 'drain':
      nodes[index] = null;
      node.drain();
      restart(fault.for);
      return true;
    case 'node freezes':
      node.host.freeze(fault.for);
      return true;
    case 'node clock jump':
      node.host.jump(fault.ms);
      return true;
    case 'requests':
      node.line.suffer(fault.mishap, fault.count);
      return true;
    case 'channel lost':
      node.line.deafen(true);
      scheduler.after(fault.for, () => node.line.deafen(false));
      return true;
    case 'doorbells lost':
      node.store.ring(false);
      scheduler.after(fault.for, () => node.store.ring(true));
      return true;
    case 'store':
      node.store.behave(fault.mood);
      scheduler.after(fault.for, () => node.store.behave('well'));
      return true;
    default:
      return false;
  }
};

const inject = (world: World, fault: Fault): boolean => {
  if ('node' in fault) return troubleNode(world, fault);
  if ('tab' in fault) return breakLink(world, fault) || troublePage(world, fault);
  const { scheduler } = world;
  switch (fault.fault) {
    case 'offline':
      goOffline(world, fault.user, fault.for);
      return true;
    case 'storage':
      world.browserOf(fault.user).behave(fault.mood);
      scheduler.after(fault.for, () => world.browserOf(fault.user).behave('well'));
      return true;
    case 'storage cleared':
      world.browserOf(fault.user).clear();
      return true;
    case 'http':
      world.httpMoods.set(fault.user, fault.mood);
      scheduler.after(fault.for, () => world.httpMoods.delete(fault.user));
      return true;
    case 'reused number':
      reuseNumber(world, fault.user);
      return true;
    case 'two sockets, one client':
      speakOnTwoSockets(world, fault.user);
      return true;
    case 'store guesses':
      world.shards.guess(fault.user);
      return true;
    case 'store stands still':
      world.model.standStill(fault.for);
      return true;
    case 'store restarts':
      world.model.goDown(fault.for);
      return true;
    case 'store fails over':
      world.model.failOver(fault.for, fault.count);
      return true;
    case 'rings late':
      world.model.ringLate(2_000);
      scheduler.after(fault.for, () => world.model.ringLate(0));
      return true;
    case 'disk full':
      world.model.fill(true);
      scheduler.after(fault.for, () => world.model.fill(false));
      return true;
    case 'slot held':
      world.model.holdSlot(fault.user, fault.for);
      return true;
    case 'kick': {
      const node = world.nodes[fault.by % world.nodes.length];
      node?.kick(fault.user);
      return node !== null && node !== undefined;
    }
    case 'trim':
      void world.shards.retain(fault.user, fault.maxCount);
      return true;
    case 'tail lost':
      void world.shards.loseTail(fault.user, fault.count);
      return true;
  }
};

/** Lets it happen. Answers whether a fault found something to break. */
export const takeStep = (world: World, step: Deed | Fault): boolean => {
  if ('do' in step) {
    doDeed(world, step);
    return true;
  }
  const took = inject(world, step);
  if (took) {
    const on = 'user' in step ? step.user : 'node' in step ? `g${step.node + 1}` : 'store';
    const fault =
      step.fault === 'store' ? `store ${step.mood}` : step.fault === 'requests' ? step.mishap : step.fault;
    world.history.add({ what: 'fault', fault, on });
  }
  return took;
};
