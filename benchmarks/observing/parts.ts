/** The gateway without a network, as the benchmark drives it. */
export { createHub } from '../../src/gateway/hub.ts';
export { memoryEngine } from '../../src/gateway/index.ts';
export { prometheusObserver } from '../../src/gateway/metrics/index.ts';
export { createObservation } from '../../src/gateway/observation/observation.ts';
export { observeEngine } from '../../src/gateway/observation/observed-engine.ts';
export { openTelemetryObserver } from '../../src/gateway/tracing/index.ts';
export { platformClock } from '../../src/lib/clock.ts';
