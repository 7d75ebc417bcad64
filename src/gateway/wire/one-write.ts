import type { Duplex } from 'node:stream';

let corked: Duplex[] = [];

const uncorkAll = () => {
  const sockets = corked;
  corked = [];
  for (const socket of sockets) socket.uncork();
};

/**
 * What is written to the socket until this turn of the event loop has done its work, promises included, leaves in one write:
 * a system call costs as much as all else that a small frame needs.
 */
export const inOneWrite = (socket: Duplex): void => {
  if (socket.writableCorked > 0) return;
  socket.cork();
  if (corked.length === 0) process.nextTick(uncorkAll);
  corked.push(socket);
};
