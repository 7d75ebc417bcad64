import { Counter, Gauge, Histogram, type Registry, register } from 'prom-client';
import { type FactDefinition, GATEWAY_FACTS, type GatewayFact } from '../observation/gateway-facts.ts';
import type { GatewayFigures, GatewayObserver } from '../observation/gateway-observer.ts';

/** What {@link prometheusObserver} takes. */
export interface PrometheusObserverOptions {
  /** Where the metrics are. @default the registry that prom-client uses where none is named */
  readonly registry?: Registry;
  /** What each name begins with. @default 'statesocket_' */
  readonly prefix?: string;
  /** The upper bounds of the histograms, in seconds. @default 0.5 ms to 10 s in 14 steps */
  readonly buckets?: readonly number[];
}

/** From half a millisecond, which is an append of the embedded engine, to what nobody waits for. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const GAUGES: readonly (readonly [keyof GatewayFigures, name: string, help: string])[] = [
  ['connectionCount', 'connections', 'Sockets that were admitted and are open.'],
  ['userCount', 'users', 'Users who have one or more sockets.'],
  ['pendingHandshakeCount', 'pending_handshakes', 'Handshakes that wait for their verdict.'],
  ['waitingCommandCount', 'waiting_commands', 'Commands that were received and do not run yet.'],
  ['engineCallCount', 'engine_calls', 'Calls to the engine that have not returned.'],
  ['isClosing', 'closing', '1 while it closes, else 0.'],
];

/** `dial.refused` is `dial_refused_total`, and `engine.call`, which has a length, `engine_call_seconds`. */
const nameOf = (fact: string, { kind }: FactDefinition): string =>
  `${fact.replaceAll('.', '_')}_${kind === 'count' ? 'total' : 'seconds'}`;

type Note = (value: number) => void;

/** What every metric of one fact is made with. */
interface Shared {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: Registry[];
}

/** Counts are added up here and handed over at a scrape: a live frame to a thousand sockets is a thousand of them. */
const counterOf = (shared: Shared, values: readonly string[]): ReadonlyMap<string, Note> => {
  const sums = new Map(values.map((value) => [value, { sum: 0 }]));
  new Counter({
    ...shared,
    collect() {
      for (const [value, counted] of sums) {
        if (value === '') this.inc(counted.sum);
        else this.labels(value).inc(counted.sum);
        counted.sum = 0;
      }
    },
  });
  return new Map(
    [...sums].map(([value, counted]) => [
      value,
      (count) => {
        counted.sum += count;
      },
    ]),
  );
};

const histogramOf = (
  shared: Shared,
  values: readonly string[],
  buckets: readonly number[],
): ReadonlyMap<string, Note> => {
  const histogram = new Histogram({ ...shared, buckets: [...buckets] });
  const noteOf = (value: string): Note => {
    if (value === '') return (ms) => histogram.observe(ms / 1_000);
    histogram.zero({ [shared.labelNames[0] ?? '']: value });
    const child = histogram.labels(value);
    return (ms) => child.observe(ms / 1_000);
  };
  return new Map(values.map((value) => [value, noteOf(value)]));
};

/** One series per value of the label, each there from the beginning: a rate needs its zero. */
const notesOf = (
  fact: GatewayFact,
  prefix: string,
  registry: Registry,
  buckets: readonly number[],
): ReadonlyMap<string, Note> => {
  const definition: FactDefinition = GATEWAY_FACTS[fact];
  const { kind, label, help } = definition;
  const shared: Shared = {
    name: prefix + nameOf(fact, definition),
    help,
    labelNames: label === null ? [] : [label.name],
    registers: [registry],
  };
  const values = label?.values ?? [''];
  return kind === 'count' ? counterOf(shared, values) : histogramOf(shared, values, buckets);
};

/**
 * An observer that keeps a gateway's facts as metrics of `prom-client`. One may observe several gateways of a process: their
 * figures are added up. How many series there are is known from the beginning: no label has a value that a client chose.
 *
 * Serves nothing: hand `registry.metrics()` to whoever scrapes, on a port that strangers do not reach.
 *
 * @throws {Error} From prom-client, when the registry has a metric of that name already.
 * @example
 * const registry = new Registry();
 * createGateway({ …, observers: [prometheusObserver({ registry })] });
 * metricsServer.on('request', async (_request, response) => response.end(await registry.metrics()));
 */
export const prometheusObserver = (options: PrometheusObserverOptions = {}): GatewayObserver => {
  const { registry = register, prefix = 'statesocket_', buckets = BUCKETS } = options;
  const gateways: GatewayFigures[] = [];
  for (const [figure, name, help] of GAUGES) {
    new Gauge({
      name: prefix + name,
      help,
      registers: [registry],
      collect() {
        this.set(gateways.reduce((sum, figures) => sum + Number(figures[figure]), 0));
      },
    });
  }
  const facts = Object.keys(GATEWAY_FACTS) as GatewayFact[];
  const notes = new Map(facts.map((fact) => [fact, notesOf(fact, prefix, registry, buckets)]));
  return {
    attach: (figures) => void gateways.push(figures),
    record: (fact, value, label) => notes.get(fact)?.get(label)?.(value),
  };
};
