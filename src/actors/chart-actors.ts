import {
  type ActorOptions,
  type AnyActorLogic,
  type CallbackLogicFunction,
  createActor,
  type EventObject,
  fromCallback,
} from 'xstate';
import {
  type ConnectionActor,
  type ConnectionChartSnapshot,
  connectionMachine,
  type SignalEvent,
  type SocketEvent,
  type SocketInput,
  type SocketRequest,
} from '../../machines/index.ts';
import { type StepListener, watchDelays, withSteps } from '../../machines/xstate-internals.ts';

type Scope<Request extends EventObject, Fact extends EventObject, Input> = Parameters<
  CallbackLogicFunction<Request, Fact, Input>
>[0];

/** What one actor of a chart does from its start on. Returns what ends it. */
export type ActorWork<Request extends EventObject, Fact extends EventObject, Input = undefined> = (
  scope: Pick<Scope<Request, Fact, Input>, 'input' | 'sendBack' | 'receive'>,
) => () => void;

/** What the actors of one connection do, by the names under which the chart invokes them. */
export interface ChartActors {
  readonly socket: ActorWork<SocketRequest, SocketEvent, SocketInput>;
  readonly signals: ActorWork<{ type: never }, SignalEvent>;
  readonly wake: ActorWork<{ type: never }, SignalEvent>;
  /** The chart of delivery. Null: none, each server is a plain one. */
  readonly delivery: AnyActorLogic | null;
  /** Told of each step of the chart. */
  readonly onStep?: StepListener<ConnectionChartSnapshot> | undefined;
  /** Told of each delay that the chart, or that of delivery, sets. */
  readonly onDelay?: ((chart: 'connection' | 'delivery', delayMs: number) => void) | undefined;
}

/** Keyed by the system of each chart, so that no secret of a closure is in context, input or events (I13). */
const actorsOf = new WeakMap<ConnectionActor['system'], ChartActors>();

/** Who said an event that waits for its turn. */
const senders = new WeakMap<object, { over: boolean }>();

const invoked = <Request extends EventObject, Fact extends EventObject, Input>(
  workOf: (actors: ChartActors) => ActorWork<Request, Fact, Input>,
) =>
  fromCallback<Request, Input, Fact>(({ system, input, receive, sendBack }) => {
    const actors = actorsOf.get(system);
    if (actors === undefined) return;
    const sender = { over: false };
    const stop = workOf(actors)({
      input,
      receive,
      sendBack(event) {
        senders.set(event, sender);
        sendBack(event);
      },
    });
    return () => {
      sender.over = true;
      stop();
    };
  });

const connectMachine = (delivery: AnyActorLogic | null) => {
  const machine = connectionMachine.provide({
    actors: {
      socket: invoked(({ socket }) => socket),
      signals: invoked(({ signals }) => signals),
      wake: invoked(({ wake }) => wake),
      ...(delivery === null ? {} : { delivery }),
    },
  });
  // While the chart is busy XState lets events wait. One whose actor has ended before its turn would act on the next
  // attempt: a token that was missing for one user must not sign out another (I1).
  return withSteps(machine, {
    takes(event) {
      const isOver = senders.get(event)?.over === true;
      senders.delete(event);
      return !isOver;
    },
    onStep: (event, before, after, system) => actorsOf.get(system)?.onStep?.(event, before, after),
  });
};

type ConnectedMachine = ReturnType<typeof connectMachine>;

/**
 * One for all connections to plain servers: `provide()` copies every node of the chart. Made with the first of them and not on
 * import, so that a bundle without `createConnection` has none of it.
 */
const shared: { plain: ConnectedMachine | null } = { plain: null };

const machineFor = ({ delivery }: ChartActors): ConnectedMachine => {
  if (delivery !== null) return connectMachine(delivery);
  shared.plain ??= connectMachine(null);
  return shared.plain;
};

/** Makes a connection's chart, whose actors do what they are given here. It does not run yet. */
export const createChart = (
  options: Pick<ActorOptions<ConnectedMachine>, 'input' | 'clock' | 'inspect'>,
  actors: ChartActors,
): ConnectionActor => {
  const chart = createActor(machineFor(actors), options);
  actorsOf.set(chart.system, actors);
  const { onDelay } = actors;
  if (onDelay !== undefined)
    watchDelays(chart, (source, ms) => onDelay(source === chart ? 'connection' : 'delivery', ms));
  return chart;
};
