import type { Duplex } from 'node:stream';

const corked: Duplex[] = [];

const uncorkAll = () => {
  for (const socket of corked.splice(0)) socket.uncork();
};
/** A tick comes before the promises of the code that asks for it, and after all of them where one of them asks. */
const afterPromises = () => process.nextTick(uncorkAll);

/**
 * What is written to the socket until this turn of the event loop has done its work, promises included, leaves in one write:
 * a system call costs as much as all else that a small frame needs.
 */
export const inOneWrite = (socket: Duplex): void => {
  if (socket.writableCorked > 0) return;
  socket.cork();
  if (corked.push(socket) === 1) queueMicrotask(afterPromises);
};
