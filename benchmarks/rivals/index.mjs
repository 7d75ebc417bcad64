/** The rivals, under one roof: they resolve from this folder, whose packages `npm ci --prefix benchmarks/rivals` installs. */
export { Centrifuge } from 'centrifuge';
export { WebSocket as PartySocket } from 'partysocket';
export { Socket as PhoenixSocket } from 'phoenix';
export { default as ReconnectingWebSocket } from 'reconnecting-websocket';
export { Server as SocketIoServer } from 'socket.io';
export { io } from 'socket.io-client';
