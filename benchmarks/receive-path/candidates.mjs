/** The ways to receive that are compared. Each hands every message to `take` and answers how to write a text. */
import { createConnection } from 'statesocket';
import * as v from 'valibot';
import { WebSocket } from 'ws';
import { assign, createActor, setup } from 'xstate';
import { countAcks } from '../count-acks.mjs';

const opened = (socket) =>
  new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });

const raw = (attach) => async (url, take) => {
  const socket = new WebSocket(url);
  await opened(socket);
  attach(socket, take);
  return { write: (text) => socket.send(text), close: () => socket.terminate() };
};

export const statesocket = (options) => async (url, take) => {
  const acks = countAcks(WebSocket);
  const connection = createConnection({ url, WebSocket: acks.WebSocket, ack: true, ...options });
  connection.onError((error) => {
    throw error;
  });
  connection.on('NEW_MESSAGE', take);
  await new Promise((resolve) => {
    connection.subscribe(() => connection.status === 'open' && resolve());
    connection.connect({ userId: 'ada' });
  });
  return {
    write: (text) => connection.send(JSON.parse(text)),
    close: connection.dispose,
    acksSent: acks.sent,
  };
};

const messages = v.variant('type', [
  v.object({
    type: v.literal('NEW_MESSAGE'),
    id: v.optional(v.string()),
    payload: v.object({ conversationId: v.string(), text: v.string(), sentAt: v.number() }),
    sender: v.string(),
  }),
]);

/** What the data plane is kept apart from: a chart that sees every frame. */
const machine = (take) =>
  setup({
    actions: {
      take: ({ event }) => take(event.message),
      count: assign({ count: ({ context }) => context.count + 1 }),
    },
  }).createMachine({
    context: { count: 0 },
    initial: 'open',
    states: { open: { on: { frame: { actions: ['take', 'count'] } } } },
  });

const acknowledge = (socket, message) => {
  if (message.id !== undefined) socket.send(JSON.stringify({ type: 'ACK', messageId: message.id }));
};

export const CANDIDATES = {
  /** What the others are divided by: the fewest steps there can be. Acknowledges by hand where there is an id. */
  raw: raw((socket, take) =>
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      take(message);
      acknowledge(socket, message);
    }),
  ),
  /** The same through the API that browsers have, and statesocket uses. */
  'raw, onmessage': raw((socket, take) => {
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      take(message);
      acknowledge(socket, message);
    };
  }),
  statesocket: statesocket({}),
  'statesocket, valibot schema': statesocket({ messages }),
  'each frame through a chart': raw((socket, take) => {
    const actor = createActor(machine(take)).start();
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      actor.send({ type: 'frame', message });
      acknowledge(socket, message);
    };
  }),
};
