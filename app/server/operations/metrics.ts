import { collectDefaultMetrics, Registry } from 'prom-client';
import type { GatewayObserver } from 'statesocket/gateway';
import { prometheusObserver } from 'statesocket/gateway/metrics';

/** The metrics of this process and of its gateway, in a registry of their own: two servers of a test do not share it. */
export const createMetrics = (): { readonly registry: Registry; readonly observer: GatewayObserver } => {
  const registry = new Registry();
  // The delay of the event loop, memory, CPU, garbage collection and handles.
  collectDefaultMetrics({ register: registry });
  return { registry, observer: prometheusObserver({ registry }) };
};
