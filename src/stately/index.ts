/**
 * The chart of a connection in Stately's inspector, or a receiver of your own. For development. Needs `@statelyai/inspect`.
 * @module statesocket/stately
 */
export { type Inspection, type InspectOptions, inspectConnection } from './inspect-connection.ts';
export type { InspectedEvent, InspectedSnapshot, InspectionMessage } from './inspection-message.ts';
