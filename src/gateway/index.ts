/**
 * The Node server half: authenticated sockets, fan-out, presence, and a durable inbox per user. Needs the package `ws`;
 * `sqliteEngine` needs `libsql`. Importing it does nothing.
 * @module statesocket/gateway
 */

export { EMPTY_POSITION } from '../protocol/extension.ts';
export type { Command, CommandContext, HandleCommand, Publisher } from './commands/command.ts';
export type {
  Decide,
  Decided,
  Decision,
  Decisions,
  Origin,
  Publication,
  ResumedCommands,
  UnfannedDecision,
} from './engine/decisions.ts';
export type { Doorbell, NodeChannel, NodeListener, Placed } from './engine/doorbell.ts';
export type { Engine } from './engine/engine.ts';
export type { Append, Appended, Entry, Log, Mark } from './engine/log.ts';
export { memoryEngine } from './engine/memory-engine.ts';
export type { EngineOptions, Retention } from './engine/retention.ts';
export { type SqliteEngineOptions, sqliteEngine } from './engine/sqlite-engine.ts';
export { withDoorbell } from './engine/with-doorbell.ts';
export { createErrorLog, type ErrorLog, type ErrorLogOptions } from './error-log.ts';
export { createGateway, type Gateway } from './gateway.ts';
export type { AuthenticationReason, GatewayOptions, UpgradeServer } from './gateway-options.ts';
export {
  COMMAND_OUTCOMES,
  type CommandOutcome,
  DIAL_REFUSALS,
  type DialRefusal,
  type FactDefinition,
  GATEWAY_FACTS,
  type GatewayFact,
} from './observation/gateway-facts.ts';
export type {
  CommandAttributes,
  CommandStep,
  GatewayFigures,
  GatewayObserver,
  ObservedSpan,
} from './observation/gateway-observer.ts';
export type { PresenceAudience } from './presence.ts';
export type { DrainOptions } from './staged-close.ts';
export { type AddressedRequest, addressReader, type TrustProxy } from './wire/client-address.ts';
export { type AllowedOrigins, originList } from './wire/origin-rule.ts';
