import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { createConnection } from 'statesocket';
import {
  ConnectionProvider,
  useConnectionSnapshot,
  useConnectionStatus,
  useDelivery,
  useMessage,
  useOutbox,
  useSend,
} from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

const BROWSER_GLOBALS = ['window', 'document', 'navigator', 'localStorage', 'requestAnimationFrame'];

const Page = () => {
  useMessage('A', () => {});
  useSend();
  const shown = [
    useConnectionStatus(),
    useConnectionSnapshot().retryCount,
    useDelivery().status,
    useOutbox().length,
  ];
  return createElement('p', null, shown.join(' '));
};

describe('on a server', () => {
  it('renders idle, opens nothing, and starts no timer', async () => {
    vi.useFakeTimers();
    const server = createFakeServer();
    const getToken = vi.fn(() => 'token');
    const connection = createConnection({
      url: 'wss://redngift.test/',
      getToken,
      WebSocket: server.WebSocket,
    });
    const html = renderToString(
      createElement(ConnectionProvider, { connection, userId: 'ada' }, createElement(Page)),
    );
    await vi.runAllTimersAsync();
    expect(html).toBe('<p>idle 0 waiting 0</p>');
    expect(server.sockets).toHaveLength(0);
    expect(getToken).not.toHaveBeenCalled();
    expect(connection.status).toBe('idle');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('imports every adapter without touching a browser global', async () => {
    vi.resetModules();
    const touched: string[] = [];
    for (const name of BROWSER_GLOBALS) {
      vi.stubGlobal(name, undefined);
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          // The reader is the line below this getter's own. What a peer does on import is the peer's.
          touched.push(`${name}${new Error().stack?.split('\n')[2]}`);
          return undefined;
        },
      });
    }
    Reflect.get(globalThis, 'window');
    expect(touched, 'the probe sees a read').toHaveLength(1);
    await import('statesocket/redux');
    await import('statesocket/react');
    await import('statesocket/sentry');
    await import('statesocket/inspect');
    await import('statesocket/stately');
    await import('statesocket/toast');
    vi.unstubAllGlobals();
    expect(touched.filter((reader) => /\/(src|machines)\//.test(reader))).toEqual([]);
  });
});
