/**
 * Tools to see what a connection does. For development: a production bundle that does not import this has none of it.
 * @module statesocket/inspect
 */
export { ConnectionInspector, type ConnectionInspectorProps } from './connection-inspector.tsx';
export {
  createFlightRecorder,
  type FlightRecorder,
  type FlightRecorderOptions,
} from './flight-recorder.ts';
export type { InspectedConnection } from './live-source.ts';
