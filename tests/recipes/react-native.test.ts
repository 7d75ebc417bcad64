import { createConnection, type SignalSource } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { expect, it } from 'vitest';

/** What is used of `AppState` from 'react-native', and of NetInfo from '@react-native-community/netinfo'. */
interface Native {
  readonly AppState: {
    addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
  };
  readonly NetInfo: {
    addEventListener(listener: (state: { isConnected: boolean | null }) => void): () => void;
  };
}

const nativeSignals =
  ({ AppState, NetInfo }: Native): SignalSource =>
  (tell) => {
    const app = AppState.addEventListener('change', (state) => {
      if (state === 'active') tell('page.shown');
      if (state === 'background') tell('page.suspended');
    });
    const stopNetwork = NetInfo.addEventListener(({ isConnected }) => {
      if (isConnected !== null) tell(isConnected ? 'network.restored' : 'network.lost');
    });
    return () => {
      app.remove();
      stopNetwork();
    };
  };

/** Both, in the hands of a test. */
const fakeNative = () => {
  const app = new Set<(state: string) => void>();
  const network = new Set<(state: { isConnected: boolean | null }) => void>();
  const native: Native = {
    AppState: {
      addEventListener(_, listener) {
        app.add(listener);
        return { remove: () => app.delete(listener) };
      },
    },
    NetInfo: {
      addEventListener(listener) {
        network.add(listener);
        return () => network.delete(listener);
      },
    },
  };
  return {
    native,
    turns: (state: string) => app.forEach((listener) => void listener(state)),
    isConnected: (is: boolean | null) => network.forEach((listener) => void listener({ isConnected: is })),
    listenerCount: () => app.size + network.size,
  };
};

const openOn = ({ native }: ReturnType<typeof fakeNative>) => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://example.org',
    WebSocket: server.WebSocket,
    backoff: () => 60_000,
    signals: nativeSignals(native),
  });
  connection.onError(() => {});
  connection.connect({ userId: 'ada' });
  server.accepts();
  return { server, connection };
};

it('closes the socket in the background, and is back when the app is', () => {
  const phone = fakeNative();
  const { server, connection } = openOn(phone);
  phone.turns('inactive');
  expect(connection.status).toBe('open');
  phone.turns('background');
  expect(server.live).toEqual([]);
  phone.turns('active');
  expect(connection.status).toBe('connecting');
  connection.dispose();
});

it('dials as soon as the network is back', () => {
  const phone = fakeNative();
  const { server, connection } = openOn(phone);
  phone.isConnected(null);
  phone.isConnected(false);
  server.closes(1006);
  expect(connection.status).toBe('backoff');
  phone.isConnected(true);
  expect(connection.status).toBe('connecting');
  connection.dispose();
  expect(phone.listenerCount()).toBe(0);
});
