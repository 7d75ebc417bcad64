import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Connection, createConnection } from 'statesocket';
import { createVirtualClock, type PathDriver, type PathOptions } from 'statesocket/testing';
import { vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type InspectionEvent, isMachineSnapshot } from 'xstate';

type FiredEvent = Parameters<PathDriver['fires']>[0];

/** The app's token service: it answers when the path says what. */
const createTokenDesk = () => {
  let answer = (_: string | null): void => {};
  let refuse = (_: Error): void => {};
  return {
    getToken: () =>
      new Promise<string | null>((resolve, reject) => {
        answer = resolve;
        refuse = reject;
      }),
    answers: (token: string | null) => answer(token),
    fails: () => refuse(new Error('no token today')),
  };
};

/**
 * Makes come true, with a real `ws` server and real sockets, what a path says; only time is virtual. What only the
 * actors inside can measure, and what only a page can tell, is fired as a model event.
 */
export const createRealServerDriver = async (
  options: PathOptions,
  inspect: (event: InspectionEvent) => void,
) => {
  let accepts = true;
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: (_: unknown, decide: (accept: boolean) => void) => decide(accepts),
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: WebSocket[] = [];
  server.on('connection', (socket) => sockets.push(socket));

  const desk = createTokenDesk();
  const clock = createVirtualClock();
  const heard: string[] = [];
  let url = `ws://127.0.0.1:${port}/`;
  const connection: Connection = createConnection({
    ...options,
    url: () => url,
    getToken: desk.getToken,
    WebSocket,
    clock,
    inspect(event) {
      inspect(event);
      if (event.type === '@xstate.event' && isMachineSnapshot(event.actorRef.getSnapshot())) {
        heard.push(event.event.type);
      }
    },
  });
  connection.onError(() => {});

  /** Does it, and waits until the chart has heard of it by itself. */
  const hears = async (type: FiredEvent['type'], act: () => void): Promise<void> => {
    heard.length = 0;
    act();
    await vi.waitFor(() => {
      if (!heard.includes(type)) throw new Error(`the chart has not heard ${type}`);
    });
  };

  const closes = (code: number): void => {
    const socket = sockets.at(-1);
    if (connection.status === 'connecting') {
      accepts = false;
      desk.answers('token');
    } else if (code === 1006) socket?.terminate();
    else socket?.close(code);
  };

  const fires = async (event: FiredEvent): Promise<void> => {
    const { type } = event;
    switch (type) {
      case 'user.connect':
        return connection.connect({ userId: event.userId });
      case 'user.disconnect':
        return connection.disconnect();
      case 'user.logout':
        return connection.logout();
      case 'user.retry':
        return connection.retry();
      case 'socket.opened':
        accepts = true;
        return hears(type, () => desk.answers('token'));
      case 'socket.closed':
        return hears(type, () => closes(event.code));
      case 'token.missing':
        return hears(type, () => desk.answers(null));
      case 'attempt.failed':
        return hears(type, desk.fails);
      case 'socket.impossible':
        url = 'nowhere';
        return hears(type, () => desk.answers('token'));
      default:
        connection.actor.send(event);
    }
  };

  return {
    connection,
    fires,
    passes: clock.passes,
    status: () => connection.status,
    /** How many sockets the server has seen open. */
    get openedCount() {
      return sockets.length;
    },
    async end() {
      connection.dispose();
      for (const socket of sockets) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
};
