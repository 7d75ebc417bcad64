import { getRequestListener } from '@hono/node-server';
import { sql } from 'kysely';
import { addressReader, createGateway, type DrainOptions, type TrustProxy } from 'statesocket/gateway';
import { createPasswords } from './accounts/passwords.ts';
import { findSession } from './accounts/sessions.ts';
import type { OutboxPublisher } from './announcing/announcement-outbox.ts';
import { watchedBy, watchersOf } from './chat/presence.ts';
import { areDemoUsersThere, ensureDemoData } from './demo-data.ts';
import { createHttpApp, type WebPages } from './http/http-app.ts';
import { createHttpServer } from './http/http-server.ts';
import { forLocalHostOnly, isForLocalHost } from './http/local-host.ts';
import { listen } from './listening.ts';
import { createLog, type Log } from './operations/log.ts';
import { createMetrics } from './operations/metrics.ts';
import { type OpsServer, startOpsServer } from './operations/ops-server.ts';
import { createReadiness } from './operations/readiness.ts';
import { createOriginCheck } from './socket/allowed-origin.ts';
import { createCommandHandler } from './socket/commands.ts';
import { openStorage, type StorageOptions } from './storage.ts';

/** The name `localhost` may mean this or `::1`, and whoever dials it tries both. */
const LOOPBACK = '127.0.0.1';
/** What stands for every address of this computer. */
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

/** How this computer is reached that listens on this address. */
const nameOf = (host: string): string => {
  if (host === LOOPBACK || EVERY_ADDRESS.has(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
};

export interface ServerOptions extends WebPages, StorageOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * The address to listen on. @default every address of this computer; while the demo users exist, whose password is public,
   * only the one that no other computer reaches, and under no other name than localhost
   */
  readonly host?: string | undefined;
  /** Origins whose pages may open a socket, besides the server's own host. @default none */
  readonly allowedOrigins?: readonly string[];
  /** Which proxies stand before the server; see `GatewayOptions.trustProxy`. @default false: none */
  readonly trustProxy?: TrustProxy;
  /** Whether an empty database gets demo users, whose password is public, and demo groups. @default true */
  readonly demoData?: boolean;
  /** How often the gateway asks each socket for a sign of life and checks its token again. @default the gateway's */
  readonly heartbeatMs?: number;
  /** The port for those who run the server: `/healthz`, `/readyz`, `/metrics`. @default none, and nothing is measured */
  readonly ops?: { readonly port: number; readonly host: string } | undefined;
  /** How sockets are closed when the server stops; `leadMs`: how long it is not ready before, so that proxies see it. */
  readonly drain?: (DrainOptions & { readonly leadMs?: number }) | undefined;
  /** @default a log of warnings and errors */
  readonly log?: Log;
}

export interface RunningServer {
  readonly url: string;
  /** Where the data is kept, in words and without a password. */
  readonly place: string;
  /** Whether the demo users exist, so that people can be told how to sign in. */
  readonly hasDemoUsers: boolean;
  /** Whether only this computer reaches the server, because the demo users exist and no `host` was given. */
  readonly isLocalOnly: boolean;
  /** Where `/healthz`, `/readyz` and `/metrics` are. Null: nowhere. */
  readonly opsUrl: string | null;
  /**
   * Is not ready any more, and refuses sockets; closes those that are open one after the other, while requests are served; then
   * takes no new connections, lets requests and commands that run finish, within 2 s, and closes the database.
   */
  close(): Promise<void>;
}

/**
 * Runs RednGift in one process on one port: the web app, the HTTP API and the gateway at `/connect/{ticket}/`.
 *
 * @throws {StartError} when the port is taken, or what it keeps its data in cannot be used. Nothing is left open then.
 * @example
 * const server = await startServer({ port: 0, dataDir: './data' });
 * await server.close();
 */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { port, allowedOrigins = [], trustProxy = false, demoData = true, heartbeatMs } = options;
  const isAllowedOrigin = createOriginCheck(allowedOrigins);
  const addressOf = addressReader(trustProxy);
  const { log = createLog('warn'), drain: { leadMs = 0, ...drain } = {}, ops } = options;
  const storage = await openStorage(options);
  const { db, engine, tickets, limits } = storage;
  const passwords = createPasswords();
  if (demoData) await ensureDemoData(db, passwords);
  const hasDemoUsers = await areDemoUsersThere(db);
  // Their password stands in the source: without a word from the operator no other computer is let in.
  const isLocalOnly = hasDemoUsers && !options.host;
  const { server, stop } = createHttpServer(trustProxy === false ? undefined : Number.POSITIVE_INFINITY);
  const metrics = ops === undefined ? null : createMetrics();
  const publisher: OutboxPublisher = {
    publish: (userIds, message, origin) => gateway.publish(userIds, message, origin),
    publishVolatile: (userIds, message) => gateway.publishVolatile(userIds, message),
    // At whichever server.
    isOnline: async (userId) => (await gateway.findOnline([userId])).length > 0,
  };
  const announcing = storage.announcing(publisher, log.error);
  const gateway = createGateway({
    server,
    engine,
    authenticate: async (ticket, why) => {
      const session = await (why === 'connect' ? tickets.spend(ticket) : tickets.sessionOf(ticket));
      return session === null ? null : findSession(db, session);
    },
    allowedOrigins: (origin, request) =>
      (!isLocalOnly || isForLocalHost(request)) && isAllowedOrigin(origin, request),
    trustProxy,
    handle: createCommandHandler(db, log.error, limits.messages, announcing.commandChanges),
    presence: { watchers: (userId) => watchersOf(db, userId), watched: (userId) => watchedBy(db, userId) },
    onError: (error) => log.error(error, 'The gateway reports an error.'),
    observers: metrics === null ? [] : [metrics.observer],
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
  });
  const app = createHttpApp(
    { db, tickets, ...limits, changes: announcing.changes, gateway, passwords, addressOf, log: log.error },
    options,
  );
  const listener = getRequestListener(app.fetch);
  server.on('request', isLocalOnly ? forLocalHostOnly(listener) : listener);

  const readiness = createReadiness({
    database: () => sql`select 1`.execute(db),
    engine: () => engine.last('readiness'),
  });
  const opsServer: { running: OpsServer | null } = { running: null };

  const closeData = async () => {
    await opsServer.running?.close();
    await passwords.close();
    await announcing.close();
    await storage.close();
  };
  try {
    const host = options.host || (isLocalOnly ? LOOPBACK : undefined);
    const url = `http://${nameOf(host ?? LOOPBACK)}:${await listen(server, port, host)}`;
    if (ops !== undefined && metrics !== null)
      opsServer.running = await startOpsServer({ ...ops, readiness, registry: metrics.registry });
    return {
      url,
      place: storage.place,
      opsUrl: opsServer.running?.url ?? null,
      hasDemoUsers,
      isLocalOnly,
      async close() {
        readiness.drain();
        log.info('Draining.', { sockets: gateway.connectionCount });
        if (leadMs > 0) await new Promise((resolve) => setTimeout(resolve, leadMs));
        await gateway.drain(drain);
        await Promise.all([stop(), gateway.close()]);
        await closeData();
        log.info('Stopped.');
        log.flush();
      },
    };
  } catch (error) {
    await Promise.all([stop(), gateway.close()]);
    await closeData();
    throw error;
  }
};
