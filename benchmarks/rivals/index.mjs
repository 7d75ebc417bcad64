/** The rivals, under one roof: they resolve from this folder, whose packages `npm ci --prefix benchmarks/rivals` installs. */
export { createAdapter as createRedisStreamsAdapter } from '@socket.io/redis-streams-adapter';
export { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
export { initTRPC, tracked } from '@trpc/server';
export { applyWSSHandler } from '@trpc/server/adapters/ws';
export { Centrifuge } from 'centrifuge';
export { WebSocket as PartySocket } from 'partysocket';
export { Socket as PhoenixSocket } from 'phoenix';
export { default as ReconnectingWebSocket } from 'reconnecting-websocket';
export { createClient as createRedisClient } from 'redis';
export { Server as SocketIoServer } from 'socket.io';
export { io } from 'socket.io-client';
