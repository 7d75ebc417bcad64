/** The processes of one round: a server for each candidate, and all clients together in one. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

const script = (name) => new URL(name, import.meta.url);

/** Answers a server process that has loaded and does not listen yet. */
export const loadServer = async (kind) => {
  const process = fork(script('server-process.mjs'), [kind]);
  await once(process, 'message');
  return {
    /** Answers when it began to listen, in monotonic ms. Fails where the port is taken. */
    async listen(port) {
      process.send({ port });
      const [{ listeningAt, failed }] = await once(process, 'message');
      if (failed !== undefined) throw new Error(`The ${kind} server cannot listen on ${port}: ${failed}.`);
      return listeningAt;
    },
    kill: () => process.kill('SIGKILL'),
  };
};

/** Listens on a port below those that the system hands out to clients: it is still free when the server comes back. */
export const listenAnywhere = async (server) => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    try {
      await server.listen(port);
      return port;
    } catch (error) {
      if (!error.message.endsWith('EADDRINUSE.')) throw error;
    }
  }
};

/** Starts the clients; `events` grows while they run. `candidates`: see client-process.mjs. */
export const startClients = (candidates) => {
  const process = fork(script('client-process.mjs'));
  const events = [];
  let failure = null;
  process.on('message', (event) => events.push(event));
  process.on('exit', (code) => {
    failure = new Error(`The process of the clients ended with ${code}.`);
  });
  process.send(candidates);
  return {
    events,
    /** Polls until `isDone()`, for at most `limitMs`. Answers whether it came true. */
    async until(isDone, limitMs) {
      const deadline = Date.now() + limitMs;
      while (!isDone() && Date.now() < deadline) {
        await pause(50);
        if (failure !== null) throw failure;
      }
      return isDone();
    },
    kill() {
      process.removeAllListeners('exit');
      process.kill('SIGKILL');
    },
  };
};

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The first event of each client of `name` that fits, by client. */
export const firstOfEach = (events, name, fits) => {
  const first = new Map();
  for (const event of events) {
    if (event.name === name && fits(event) && !first.has(event.client)) first.set(event.client, event);
  }
  return first;
};
