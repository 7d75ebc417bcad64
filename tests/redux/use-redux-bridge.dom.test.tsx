import { configureStore } from '@reduxjs/toolkit';
import { render } from '@testing-library/react';
import { Component, type ReactNode, StrictMode } from 'react';
import { Provider } from 'react-redux';
import type { WireMessage } from 'statesocket';
import { createConnection } from 'statesocket';
import { connectionSlice, type ReduxMap, useReduxBridge } from 'statesocket/redux';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Map = ReduxMap<WireMessage>;

const setUp = () => {
  const server = createFakeServer();
  const connection = createConnection({ url: 'wss://redngift.test/', WebSocket: server.WebSocket });
  connection.onError(() => {});
  connection.connect({ userId: 'ada' });
  server.accepts();
  const dispatched: { type: string; payload?: unknown }[] = [];
  const store = configureStore({
    reducer: {
      connection: connectionSlice.reducer,
      log: (state: number = 0, action: { type: string; payload?: unknown }) => {
        if (!action.type.startsWith('@@')) dispatched.push(action);
        return state + 1;
      },
    },
  });
  dispatched.length = 0;
  const messages = () => dispatched.filter((action) => action.type !== 'connection/connectionChanged');
  const Bridge = ({
    map,
    dispatch,
    inOrder = [],
  }: {
    map: Map;
    dispatch?: (action: never) => unknown;
    inOrder?: readonly (readonly string[])[];
  }) => {
    useReduxBridge(connection, map, dispatch, { inOrder });
    return null;
  };
  const show = (map: Map) => {
    const tree = (node: ReactNode) => (
      <StrictMode>
        <Provider store={store}>{node}</Provider>
      </StrictMode>
    );
    const view = render(tree(<Bridge map={map} />));
    return { ...view, rerender: (next: Map) => view.rerender(tree(<Bridge map={next} />)) };
  };
  return { server, connection, store, dispatched, messages, Bridge, show };
};

const named =
  (type: string): Map[string] =>
  (messages) => ({ type, payload: messages.map((message) => message.n) });

describe('useReduxBridge', () => {
  it('bridges to the store of the Provider above it, each message once in StrictMode', () => {
    const { server, store, messages, show } = setUp();
    show({ CHAT: named('chat') });
    expect(store.getState().connection.status).toBe('open');
    server.sends({ type: 'CHAT', n: 1 }, { type: 'CHAT', n: 2 }, { type: 'CHAT', n: 3 });
    vi.advanceTimersToNextFrame();
    expect(messages()).toEqual([
      { type: 'chat', payload: [1] },
      { type: 'chat', payload: [2, 3] },
    ]);
  });

  it('asks the newest map, and subscribes again only for other types', () => {
    const { server, connection, messages, show } = setUp();
    const view = show({ CHAT: named('first') });
    const on = vi.spyOn(connection, 'on');
    view.rerender({ CHAT: named('second') });
    expect(on).not.toHaveBeenCalled();
    server.sends({ type: 'CHAT', n: 1 });
    view.rerender({ CHAT: named('third'), TYPING: named('typing') });
    expect(on).toHaveBeenCalledTimes(2);
    server.sends({ type: 'TYPING', n: 2 }, { type: 'CHAT', n: 3 });
    expect(messages().map((action) => action.type)).toEqual(['second', 'typing', 'third']);
  });

  it('keeps its subscriptions where the same types come in another order', () => {
    const { connection, show } = setUp();
    const view = show({ CHAT: named('chat'), TYPING: named('typing') });
    const on = vi.spyOn(connection, 'on');
    view.rerender({ TYPING: named('typing'), CHAT: named('chat') });
    expect(on).not.toHaveBeenCalled();
  });

  it('loses nothing over a change of types, and nothing when it unmounts', () => {
    const { server, messages, show } = setUp();
    const view = show({ CHAT: named('chat') });
    server.sends({ type: 'CHAT', n: 1 }, { type: 'CHAT', n: 2 });
    view.rerender({ CHAT: named('chat'), TYPING: named('typing') });
    server.sends({ type: 'CHAT', n: 3 }, { type: 'CHAT', n: 4 });
    view.unmount();
    server.sends({ type: 'CHAT', n: 5 });
    // An open socket is looked at every few seconds: there is no end of timers.
    vi.advanceTimersByTime(1_000);
    expect(messages().flatMap((action) => action.payload)).toEqual([1, 2, 3, 4]);
  });

  it('dispatches once per type and frame in a hidden tab, where no animation frame comes', () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
    const { server, messages, show } = setUp();
    show({ CHAT: named('chat') });
    for (let n = 0; n < 10_000; n += 1) server.sends({ type: 'CHAT', n });
    vi.advanceTimersByTime(16);
    expect(messages()).toHaveLength(2);
    expect(messages().flatMap((action) => action.payload)).toHaveLength(10_000);
  });

  it('takes a dispatch instead of a Provider', () => {
    const { server, Bridge } = setUp();
    const dispatch = vi.fn();
    render(<Bridge map={{ CHAT: named('chat') }} dispatch={dispatch} />);
    server.sends({ type: 'CHAT', n: 1 });
    expect(dispatch).toHaveBeenLastCalledWith({ type: 'chat', payload: [1] });
  });

  it('keeps types in the order of the wire that belong together, and subscribes once for an equal list', () => {
    const { server, connection, Bridge } = setUp();
    const dispatch = vi.fn();
    const bridge = () => (
      <Bridge map={{ ON: named('on'), OFF: named('off') }} dispatch={dispatch} inOrder={[['OFF', 'ON']]} />
    );
    const view = render(bridge());
    const on = vi.spyOn(connection, 'on');
    view.rerender(bridge());
    expect(on).not.toHaveBeenCalled();
    dispatch.mockClear();
    server.sends({ type: 'OFF', n: 1 }, { type: 'ON', n: 2 }, { type: 'ON', n: 3 }, { type: 'OFF', n: 4 });
    vi.advanceTimersToNextFrame();
    expect(dispatch.mock.calls.map(([{ type, payload }]) => [type, payload])).toEqual([
      ['off', [1]],
      ['on', [2, 3]],
      ['off', [4]],
    ]);
  });

  it('throws with neither, and says what it needs', () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    const { Bridge } = setUp();
    class Boundary extends Component<{ children: ReactNode }> {
      override state = { told: null as string | null };
      static getDerivedStateFromError = (error: { message: string }) => ({ told: error.message });
      override render = () => this.state.told ?? this.props.children;
    }
    const { container } = render(
      <Boundary>
        <Bridge map={{}} />
      </Boundary>,
    );
    expect(container.textContent).toContain(
      'useReduxBridge needs a react-redux Provider above it, or a dispatch',
    );
  });
});
