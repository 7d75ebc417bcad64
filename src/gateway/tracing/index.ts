/**
 * The way of a command through a gateway, as spans of OpenTelemetry. Needs the package `@opentelemetry/api`.
 * @module statesocket/gateway/tracing
 */

export { type OpenTelemetryObserverOptions, openTelemetryObserver } from './open-telemetry-observer.ts';
