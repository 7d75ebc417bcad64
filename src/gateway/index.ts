/**
 * The Node server half: authenticated sockets, fan-out, presence, and a durable inbox per user. Needs the package `ws`;
 * `sqliteEngine` needs `libsql`. Importing it does nothing.
 * @module statesocket/gateway
 */

export { EMPTY_POSITION } from '../protocol/extension.ts';
export { type AddressedRequest, addressReader, type TrustProxy } from './client-address.ts';
export type { Command, CommandContext, HandleCommand, Publisher } from './command.ts';
export type { Decided, Decision, Engine, Entry, Mark, Origin, Publication } from './engine.ts';
export { createErrorLog, type ErrorLog, type ErrorLogOptions } from './error-log.ts';
export { createGateway, type Gateway } from './gateway.ts';
export type { AuthenticationReason, GatewayOptions, UpgradeServer } from './gateway-options.ts';
export { memoryEngine } from './memory-engine.ts';
export { type AllowedOrigins, originList } from './origin-rule.ts';
export type { PresenceAudience } from './presence.ts';
export type { EngineOptions, Retention } from './retention.ts';
export { sqliteEngine } from './sqlite-engine.ts';
