import { calmChecker } from '../../simulation/delivery/checkers/calm.ts';
import { commandChecker } from '../../simulation/delivery/checkers/commands.ts';
import { pageChecker } from '../../simulation/delivery/checkers/pages.ts';
import type { Breach } from '../../simulation/delivery/checkers/violation.ts';
import { createHistory, type Record as Happened, type Happening } from '../../simulation/delivery/history.ts';
import { createRandom } from '../../simulation/delivery/random.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { countEndToEnd, type EndToEnd } from './end-to-end.ts';
import { faultScript, type Step } from './fault-script.ts';
import type { Member, OpenMember } from './member.ts';
import { oneServer } from './one-server.ts';
import type { Reported, Site, Witnessed } from './site.ts';

export interface TortureOptions {
  readonly seed: number;
  /** How long faults happen. What follows takes as long as it takes until nothing waits. */
  readonly durationMs: number;
  /** The mean time between two faults, and between two messages of one user. */
  readonly faultEveryMs: number;
  readonly sayEveryMs: number;
  /** How long the restless user is gone at times, and how many messages each log keeps. */
  readonly awayMs: number;
  readonly retainedCount: number;
  readonly open: OpenMember;
  /** The servers. @default one, of these */
  readonly openSite?: (users: readonly string[], reported: Reported) => Promise<Site>;
  /** The program of the one server, where it may keep its file, and what that says of what happened. */
  readonly serverScript?: string;
  readonly directory?: string;
  readonly witnessed?: (
    file: string,
    refOf: (key: string) => string | undefined,
  ) => Witnessed | Promise<Witnessed>;
  /** Hears how it goes, every minute. */
  readonly progress?: (line: string) => void;
}

export interface TortureOutcome {
  readonly records: readonly Happened[];
  readonly breaches: readonly Breach[];
  /** Messages that users said and that were taken, and how many of each were applied by somebody. */
  readonly saidCount: number;
  readonly appliedCount: number;
  readonly faultCount: number;
  readonly faultCounts: Readonly<Record<string, number>>;
  readonly reportedCounts: Readonly<Record<string, number>>;
  readonly reconnectCount: number;
  /** Gaps that users were told of, and healed by a reload. */
  readonly gapCount: number;
  readonly calmAfterMs: number | null;
  /** What users would count. */
  readonly endToEnd: EndToEnd;
}

const USERS = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn'] as const;
const RESTLESS = 'finn';
/** A user with so many messages waiting says no more for now. */
const ENOUGH_WAITING_COUNT = 800;
const PATIENCE_MS = 240_000;
/** So long nothing new has to come, once everything has settled. */
const QUIET_MS = 3_000;
const PROGRESS_MS = 60_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const countBy = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** Makes one step happen, and ends it after its time. */
const takeStep = async (
  step: Step,
  { site, proxy, member }: { readonly site: Site; readonly proxy: FaultProxy; readonly member: Member },
): Promise<void> => {
  if (step.user === null) return site.take(step.fault, step.on, step.forMs);
  switch (step.fault) {
    case null:
      member.leave();
      await pause(step.forMs);
      return member.comeBack();
    case 'cut':
      // The links that are there: each is cut once so many bytes more came through.
      return proxy.links.forEach((link) => void (link.open && link.cutAfter(step.size, 'down')));
    case 'reset':
      return proxy.reset();
    case 'stall':
      proxy.stall();
      break;
    case 'stall up':
      proxy.stall('up');
      break;
    case 'stall down':
      proxy.stall('down');
      break;
    case 'drop':
      proxy.drop();
      break;
    case 'slow':
      proxy.slow(step.size);
      break;
    case 'refuse':
      proxy.refuse();
      proxy.reset();
      break;
  }
  await pause(step.forMs);
  await proxy.heal();
};

/**
 * Real clients and a real server, in two processes and with real sockets between them, while a script of faults goes on;
 * the checkers of the simulation judge what came of it. The script is decided by the seed; what the machine makes of it is not.
 */
export const torture = async (options: TortureOptions): Promise<TortureOutcome> => {
  const { seed, durationMs, progress = () => {} } = options;
  const startedAt = Date.now();
  const history = createHistory(() => Date.now() - startedAt);
  const reported: Reported = (by, code) => history.add({ what: 'reported', by, code });
  const { serverScript = '', directory = '', retainedCount, witnessed = () => [] } = options;
  const site =
    (await options.openSite?.(USERS, reported)) ??
    (await oneServer({ serverScript, directory, retainedCount, users: USERS, witnessed, reported }));
  const proxies = new Map<string, FaultProxy>();
  const members = new Map<string, Member>();
  const refs = new Map<string, string>();
  const random = createRandom(`${seed}/sayings`);
  let saying = true;
  let failure: unknown = null;

  const say = async (member: Member) => {
    const own = random.fork(member.user);
    while (saying) {
      await pause(own.between(1, 2 * options.sayEveryMs - 1));
      const others = USERS.filter((user) => user !== member.user);
      const to = own.chance(0.7) ? [own.pick(others)] : [own.pick(others), own.pick(others)];
      const what = {
        to: [...new Set(to)],
        parts: own.chance(0.9) ? 1 : 2,
        mood: own.chance(0.97) ? 'done' : 'refused',
      } as const;
      const isAway = member.status === 'idle';
      if (saying && !isAway && member.waitingCount < ENOUGH_WAITING_COUNT) member.say(what);
    }
  };

  try {
    await site.start();
    for (const user of USERS) {
      history.add({ what: 'retention', user, count: options.retainedCount });
      const proxy = await startFaultProxy(site.nextPort);
      proxies.set(user, proxy);
      const named = (key: string, ref: string) => refs.set(key, ref);
      members.set(user, options.open({ user, port: proxy.port, history, named }));
    }
    const sayings = [...members.values()].map(say);
    const steps = faultScript({
      seed,
      durationMs,
      everyMs: options.faultEveryMs,
      awayMs: options.awayMs,
      users: USERS,
      restless: RESTLESS,
      site: site.faults,
    });
    /** What still goes on, by whom it happens to: a server takes its time to start, and the next fault waits for it. */
    const under = new Map<string, Promise<void>>();
    let shownAtMs = 0;
    for (const step of steps) {
      await pause(step.atMs - (Date.now() - startedAt));
      if (failure !== null) throw failure;
      const user = step.user ?? USERS[0];
      const [proxy, member] = [proxies.get(user), members.get(user)];
      if (proxy === undefined || member === undefined) throw new Error(`There is no ${user}.`);
      const on = step.user ?? step.on;
      const subject = step.fault === null ? `${on} in person` : on;
      const take = async () => {
        await under.get(subject);
        if (step.fault !== null) history.add({ what: 'fault', fault: step.fault, on });
        await takeStep(step, { site, proxy, member });
      };
      const taken = take().catch((error) => {
        failure ??= error;
      });
      under.set(subject, taken);
      if (step.atMs - shownAtMs < PROGRESS_MS) continue;
      shownAtMs = step.atMs;
      const said = history.records.filter(({ what }) => what === 'said').length;
      const waiting = [...members.values()].map(({ waitingCount }) => waitingCount);
      progress(`${Math.round(step.atMs / 1_000)} s: ${said} said, waiting ${waiting.join(' ')}`);
    }
    await pause(durationMs - (Date.now() - startedAt));
    saying = false;
    await Promise.all([...sayings, ...under.values()]);
    if (failure !== null) throw failure;

    history.add({ what: 'healed' });
    for (const proxy of proxies.values()) await proxy.heal();
    site.quiet();
    const healedAt = Date.now();
    const calmAfterMs = await (async () => {
      let quietSince = Date.now();
      let count = 0;
      while (Date.now() - healedAt < PATIENCE_MS) {
        const isSettled = [...members.values()].every((member) => member.isSettled);
        if (!isSettled || count !== history.records.length) quietSince = Date.now();
        count = history.records.length;
        if (Date.now() - quietSince >= QUIET_MS) return quietSince - healedAt;
        await pause(50);
      }
      return null;
    })();
    history.add({
      what: 'end',
      calmAfterMs,
      pages: [...members.values()].map((member) => ({
        page: member.user,
        status: member.status,
        delivery: member.delivery,
        waiting: member.waitingCount,
      })),
    });
    const stored = await site.end((key) => refs.get(key));
    const told = stored.map(({ at, happening }): Happened => ({ atMs: at - startedAt, ...happening }));
    // Both processes read one clock, and the store reads it before it writes: at the same moment it was first.
    const records = [...told, ...history.records].sort((a, b) => a.atMs - b.atMs);
    const breaches = [commandChecker, pageChecker, calmChecker].flatMap(({ check }) => check(records));
    const of = <W extends Happening['what']>(what: W) =>
      records.filter((record): record is Extract<Happened, { readonly what: W }> => record.what === what);
    const faults = of('fault').map(({ fault }) => fault);
    return {
      records,
      breaches,
      saidCount: of('said').filter(({ answer }) => answer !== 'refused').length,
      appliedCount: of('applied').length,
      faultCount: faults.length,
      faultCounts: countBy(faults),
      reportedCounts: countBy(
        of('reported').map(({ by, code }) => `${members.has(by) ? 'a client' : 'a server'}: ${code}`),
      ),
      reconnectCount: of('dial').length - USERS.length,
      gapCount: of('discontinuity').filter(({ reason }) => reason === 'gap').length,
      calmAfterMs,
      endToEnd: countEndToEnd(records),
    };
  } finally {
    saying = false;
    for (const member of members.values()) member.end();
    await site.kill();
    await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
  }
};
