import { vi } from 'vitest';
import type { WebSocketLike } from '../../../src/actors/web-socket-like.ts';
import { createStandInPage } from '../../actors/support/stand-in-page.ts';
import { demand, type Implementation } from '../implementation.ts';
import { begin, beginOpen, promisesSettle, type Story } from './story.ts';

const TOKEN = 'ada-secret-token';

const hearsAll = ({ onopen, onmessage, onerror, onclose }: WebSocketLike): void => {
  const attached = [onopen, onmessage, onerror, onclose].filter((handler) => handler !== null).length;
  demand(attached === 4, 'I16', () => `only ${attached} of 4 listen: an unheard error ends a Node process`);
};

/** The platform calls back while it makes the socket, and the app logs out. */
const logOutWhileDialling = async (implementation: Implementation) => {
  const told = begin(implementation, { getToken: async () => TOKEN }, (Fake) => {
    return class extends Fake {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        told.connection.logout();
      }
    };
  });
  told.connection.connect({ userId: 'ada' });
  await promisesSettle();
  return told;
};

/** What a connection may never do with the sockets and signals of its platform. */
export const socketStories: readonly Story[] = [
  {
    name: 'what is over tells nobody',
    holds(implementation) {
      const told: string[] = [];
      const { connection, server } = beginOpen(
        implementation,
        { inspect: (event) => void (event.type === '@xstate.event' && told.push(event.event.type)) },
        (Fake) =>
          class extends Fake {
            override close(code?: number): void {
              super.close(code);
              this.onclose?.({ code: 1006, reason: '', wasClean: false });
            }
          },
      );
      connection.connect({ userId: 'ben' });
      demand(connection.status === 'connecting', 'I1', () => `ben is ${connection.status}`);
      demand(server.sockets.length === 2, 'I1', () => `${server.sockets.length} sockets were dialled`);
      demand(told.includes('socket.opened'), 'I1', () => `the chart was told ${told}`);
      demand(!told.includes('socket.closed'), 'I1', () => `the chart was told ${told}`);
      const failing = begin(implementation, {
        inspect: (event) => void (event.type === '@xstate.event' && told.push(event.event.type)),
        getToken: () => {
          failing.connection.logout();
          throw new Error('no token');
        },
      });
      failing.connection.connect({ userId: 'ada' });
      demand(!told.includes('attempt.failed'), 'I1', () => `the chart was told ${told}`);
    },
  },
  {
    name: 'a socket that opens after it was given up is closed',
    holds(implementation) {
      const { connection, server } = begin(
        implementation,
        {},
        (Fake) =>
          class extends Fake {
            override close(code?: number): void {
              if (this.readyState === 0) throw new Error('not while connecting');
              super.close(code);
            }
          },
      );
      connection.connect({ userId: 'ada' });
      connection.logout();
      server.accepts();
      demand(server.live.length === 0, 'I1', () => 'a socket is open after logout');
    },
  },
  {
    name: 'a socket is closed whose own constructor logs out',
    async holds(implementation) {
      const { server } = await logOutWhileDialling(implementation);
      demand(server.sockets.length === 1, 'I1', () => 'nothing was dialled');
      demand(server.live.length === 0, 'I1', () => 'a socket connects after logout');
    },
  },
  {
    name: 'a socket is heard whose own constructor logs out',
    async holds(implementation) {
      const { server, connection } = await logOutWhileDialling(implementation);
      hearsAll(server.latest);
      demand(connection.status === 'loggedOut', 'I1', () => `its end makes it ${connection.status}`);
    },
  },
  {
    name: 'an error event is not an end',
    holds(implementation) {
      const { connection, server } = begin(implementation);
      connection.connect({ userId: 'ada' });
      server.latest.deliver.error();
      demand(connection.status === 'connecting', 'policy', () => `an error makes it ${connection.status}`);
      server.refuses();
      demand(connection.status === 'backoff', 'policy', () => `a refusal makes it ${connection.status}`);
    },
  },
  {
    name: 'an abandoned socket keeps its listeners',
    async holds(implementation) {
      const { connection, server } = begin(implementation);
      connection.connect({ userId: 'ada' });
      connection.logout();
      hearsAll(server.latest);
      await promisesSettle();
      demand(connection.status === 'loggedOut', 'I1', () => `its end makes it ${connection.status}`);
    },
  },
  {
    name: 'a close reason that quotes the token is scrubbed',
    holds(implementation) {
      const { connection, server } = beginOpen(implementation, { getToken: () => TOKEN });
      server.closes(1011, `no session for ${TOKEN}`);
      const seen = JSON.stringify([connection.getSnapshot(), connection.actor.getSnapshot().context]);
      demand(seen.includes('no session for'), 'I13', () => 'the reason is lost');
      demand(!seen.includes(TOKEN), 'I13', () => 'the token is in a snapshot');
    },
  },
  {
    name: 'the page tells what it does, and only while it is asked',
    holds(implementation) {
      const page = createStandInPage();
      vi.stubGlobal('window', page.window);
      vi.stubGlobal('document', page.document);
      try {
        const { connection, server } = beginOpen(implementation);
        page.window.fires('pagehide', { persisted: false });
        demand(
          connection.status === 'open',
          'policy',
          () => `leaving the page makes it ${connection.status}`,
        );
        server.closes(1006);
        page.turns('hidden');
        demand(connection.status === 'backoff', 'policy', () => `hiding makes it ${connection.status}`);
        page.turns('visible');
        demand(connection.status === 'connecting', 'policy', () => `showing makes it ${connection.status}`);
        connection.dispose();
        demand(page.listenerCount === 0, 'I10', () => `${page.listenerCount} listeners are left`);
      } finally {
        vi.unstubAllGlobals();
      }
    },
  },
];
