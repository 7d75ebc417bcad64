/**
 * The clients that are compared, each with its default policy. `open(port, tell)` makes one that connects; it tells
 * `'open'` and `'lost'` as the library's own events do, and answers how to close it.
 */
import { createConnection } from 'statesocket';
import { WebSocket } from 'ws';

let userCount = 0;

const statesocket = (options) => (port, tell) => {
  const connection = createConnection({ url: `ws://127.0.0.1:${port}/`, WebSocket, ...options?.(port) });
  connection.onError((error) => {
    if (error.code === 'socket-error') return;
    // A listener that throws is contained; this must end the process.
    queueMicrotask(() => {
      throw error;
    });
  });
  let wasOpen = false;
  connection.subscribe(() => {
    const isOpen = connection.status === 'open';
    if (isOpen !== wasOpen) tell(isOpen ? 'open' : 'lost');
    wasOpen = isOpen;
  });
  userCount += 1;
  connection.connect({ userId: `user-${userCount}` });
  return connection.dispose;
};

/** Both keep the interface of the browser's WebSocket. */
const likeWebSocket = (name, options) => async () => {
  const { [name]: Client } = await import('../rivals/index.mjs');
  return (port, tell) => {
    const client = new Client(`ws://127.0.0.1:${port}/`, [], { WebSocket, ...options?.() });
    client.addEventListener('open', () => tell('open'));
    client.addEventListener('close', () => tell('lost'));
    return () => client.close();
  };
};

const socketIo = async () => {
  const { io } = await import('../rivals/index.mjs');
  return (port, tell) => {
    const socket = io(`http://127.0.0.1:${port}/`, { forceNew: true });
    socket.on('connect', () => tell('open'));
    socket.on('disconnect', () => tell('lost'));
    return () => socket.close();
  };
};

const centrifuge = async () => {
  const { Centrifuge } = await import('../rivals/index.mjs');
  return (port, tell) => {
    const client = new Centrifuge(`ws://127.0.0.1:${port}/`, { websocket: WebSocket });
    client.newSubscription('group').subscribe();
    client.on('connected', () => tell('open'));
    client.on('connecting', () => tell('lost'));
    client.connect();
    return () => client.disconnect();
  };
};

const phoenix = async () => {
  const { PhoenixSocket } = await import('../rivals/index.mjs');
  return (port, tell) => {
    const socket = new PhoenixSocket(`ws://127.0.0.1:${port}/socket`, { transport: WebSocket });
    socket.onOpen(() => tell('open'));
    socket.onClose(() => tell('lost'));
    socket.connect();
    // Its channel hears of a heartbeat that was not answered; its socket only when the dead connection has closed.
    const channel = socket.channel('group', {});
    channel.onError(() => tell('lost'));
    channel.join();
    return () => socket.disconnect();
  };
};

/**
 * reconnecting-websocket 4.4.0, dist/reconnecting-websocket-cjs.js, `DEFAULT`: it draws this once, when it is loaded. Each
 * client here stands for a page that loaded it.
 */
const drawnAsByAPage = () => ({ minReconnectionDelay: 1_000 + Math.random() * 4_000 });

/** A candidate: which server it talks to, and a function that loads its client. */
const candidate = (server, load) => ({ server, load });
const ours = (server, options) => candidate(server, async () => statesocket(options));

const RIVALS = {
  partysocket: candidate('plain', likeWebSocket('PartySocket')),
  'reconnecting-websocket': candidate('plain', likeWebSocket('ReconnectingWebSocket', drawnAsByAPage)),
  'socket.io': candidate('socket-io', socketIo),
  centrifuge: candidate('centrifuge', centrifuge),
  phoenix: candidate('phoenix', phoenix),
};

/** Who takes part in the question: what happens after a server was killed? */
export const RESTART = { statesocket: ours('plain'), ...RIVALS };

/** Who takes part in the question: how soon is a half-open peer found? */
export const HALF_OPEN = {
  'statesocket with its gateway': ours('gateway', (port) => ({
    url: ({ token }) => `ws://127.0.0.1:${port}/connect/${token}/`,
    getToken: ({ userId }) => userId,
  })),
  'statesocket with heartbeat.ping': ours('plain', () => ({
    heartbeat: { intervalMs: 14_000, timeoutMs: 5_000, ping: () => '{"type":"PING"}' },
  })),
  ...RIVALS,
};
