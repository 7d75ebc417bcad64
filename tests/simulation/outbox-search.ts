import { type OutboxEvent, outboxMachine } from 'statesocket/machines';
import { initialTransition, type StateValue, transition } from 'xstate';

/** What the world knows of one queue, written a second time from the rules and not from the chart. */
interface World {
  readonly user: 'here' | 'left' | 'logged out' | 'forgotten later' | 'over';
  readonly socket: 'none' | 'plain' | 'welcomed';
  readonly isRead: boolean;
  /** The first command may let the server forget nothing that the store does not have. */
  readonly mayBegin: boolean;
}

const BEGINNING: World = { user: 'here', socket: 'none', isRead: false, mayBegin: false };

/** Everything that anybody may tell the chart, in any state. */
const EVENTS: readonly OutboxEvent[] = [
  { type: 'store.read', areVerdictsKept: true },
  { type: 'store.read', areVerdictsKept: false },
  { type: 'link.welcomed', areVerdictsKept: true },
  { type: 'link.welcomed', areVerdictsKept: false },
  { type: 'link.plain' },
  { type: 'link.lost' },
  { type: 'verdicts.kept' },
  { type: 'user.left' },
  { type: 'user.returned' },
  { type: 'user.loggedOut' },
  { type: 'all.stored' },
  { type: 'connection.ended' },
];

const after = (world: World, event: OutboxEvent): World => {
  const { user, isRead } = world;
  if (user === 'over' || user === 'forgotten later') return world;
  const isForgetting = user === 'logged out' && !isRead;
  if (event.type === 'connection.ended')
    return { ...world, user: isForgetting ? 'forgotten later' : 'over', socket: 'none' };
  if (event.type === 'all.stored')
    return user === 'here' || isForgetting ? world : { ...world, user: 'over' };
  if (event.type === 'user.returned') return user === 'left' ? BEGINNING : world;
  if (isForgetting && event.type === 'store.read') return { ...world, isRead: true };
  if (user !== 'here') return world;
  switch (event.type) {
    case 'store.read':
      return isRead ? world : { ...world, isRead: true, mayBegin: event.areVerdictsKept };
    case 'link.welcomed':
      return { ...world, socket: 'welcomed', mayBegin: isRead && event.areVerdictsKept };
    case 'verdicts.kept':
      return isRead && world.socket === 'welcomed' ? { ...world, mayBegin: true } : world;
    case 'link.plain':
      return { ...world, socket: 'plain' };
    case 'link.lost':
      return { ...world, socket: 'none' };
    case 'user.left':
      return { ...world, user: 'left', socket: 'none' };
    case 'user.loggedOut':
      return { ...world, user: 'logged out', socket: 'none' };
  }
};

/** Where the chart has to be. */
const modeOf = ({ user, socket, isRead, mayBegin }: World): string => {
  if (user === 'logged out') return isRead ? 'clearing.storing' : 'clearing.reading';
  if (user !== 'here') return { left: 'left', 'forgotten later': 'forgetting', over: 'over' }[user];
  const place = socket === 'none' ? 'parked' : socket;
  if (!isRead) return `here.loading.${place}`;
  if (socket !== 'welcomed') return `here.${place}`;
  return mayBegin ? 'here.flowing' : 'here.keeping';
};

/** Who has to be at work there, beside the queue's own life. */
const actorsIn = (mode: string): readonly string[] => {
  if (mode === 'here.plain' || mode === 'here.flowing') return ['life', 'line'];
  if (mode.startsWith('here.loading') || mode === 'clearing.reading') return ['life', 'reading'];
  return mode === 'left' || mode === 'clearing.storing' ? ['keeper', 'life'] : ['life'];
};

const nameOf = (value: StateValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([name, inner]) => `${name}.${nameOf(inner as StateValue)}`)
        .join();

export interface OutboxFound {
  readonly stateCount: number;
  readonly stepCount: number;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  readonly modes: ReadonlySet<string>;
}

/**
 * Tries every event in every state that events can bring the outbox chart to, breadth-first, until no new one is found.
 *
 * @throws {Error} for the first step after which chart and rules disagree, with a shortest way to it.
 */
export const searchOutbox = (machine: typeof outboxMachine = outboxMachine): OutboxFound => {
  const [first] = initialTransition(machine, { queue: 1 });
  const seen = new Set<string>();
  const modes = new Set<string>();
  let steps = 0;
  let depth = 0;
  let front = [{ snapshot: first, world: BEGINNING, way: [] as readonly string[] }];
  const keyOf = ({ snapshot, world }: (typeof front)[number]): string =>
    JSON.stringify([snapshot.value, world.isRead && world.socket === 'welcomed' && world.mayBegin]);

  for (const each of front) seen.add(keyOf(each));
  while (front.length > 0) {
    const next: typeof front = [];
    for (const { snapshot, world, way } of front) {
      modes.add(nameOf(snapshot.value));
      for (const event of EVENTS) {
        const said = Object.values(event).join(' ');
        // A chart that has ended takes no event.
        const [taken] = snapshot.status === 'active' ? transition(machine, snapshot, event) : [snapshot];
        const found = { snapshot: taken, world: after(world, event), way: [...way, said] };
        steps += 1;
        const mode = nameOf(taken.value);
        if (mode !== modeOf(found.world))
          throw new Error(`${mode}, not ${modeOf(found.world)}, by ${found.way.join(' → ')}`);
        const actors = Object.keys(taken.children).sort();
        // XState stops them at the end, and keeps them in sight.
        if (taken.status === 'active' && actors.join() !== actorsIn(mode).join())
          throw new Error(`At work in ${mode}: ${actors.join(', ')}, by ${found.way.join(' → ')}`);
        if (seen.has(keyOf(found))) continue;
        seen.add(keyOf(found));
        next.push(found);
      }
    }
    if (next.length > 0) depth += 1;
    front = next;
  }
  return { stateCount: seen.size, stepCount: steps, depth, modes };
};
