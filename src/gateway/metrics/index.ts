/**
 * What a gateway does, as metrics of Prometheus. Needs the package `prom-client`.
 * @module statesocket/gateway/metrics
 */

export { type PrometheusObserverOptions, prometheusObserver } from './prometheus-observer.ts';
