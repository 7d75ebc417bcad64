import { configureStore, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import { act, render, screen } from '@testing-library/react';
import { useEffect, useState } from 'react';
import { Provider, useSelector } from 'react-redux';
import { describeConnection } from 'statesocket';
import { ConnectionProvider, useConnection, useConnectionSnapshot, useSend } from 'statesocket/react';
import { connectionSlice, useReduxBridge } from 'statesocket/redux';
import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

interface ChatMessage {
  readonly sender: string;
  readonly payload: string;
}

const chat = createSlice({
  name: 'chat',
  initialState: [] as ChatMessage[],
  reducers: {
    received: (state, { payload }: PayloadAction<ChatMessage[]>) => void state.push(...payload),
  },
});

const createStore = () =>
  configureStore({
    reducer: { [connectionSlice.name]: connectionSlice.reducer, [chat.name]: chat.reducer },
  });
type State = ReturnType<ReturnType<typeof createStore>['getState']>;

/** In one place, below both providers. What came within a frame is one action. */
const Bridge = () => {
  useReduxBridge(useConnection(), {
    NEW_MESSAGE: (messages) =>
      chat.actions.received(messages.map((m) => ({ sender: String(m.sender), payload: String(m.payload) }))),
  });
  return null;
};

/** The sentence, counted down once a second. */
const Indicator = () => {
  const snapshot = useConnectionSnapshot();
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <p>{describeConnection(snapshot)}</p>;
};

const Chat = () => {
  const messages = useSelector((state: State) => state.chat);
  const isOpen = useSelector((state: State) => state.connection.status === 'open');
  const send = useSend();
  return (
    <>
      {messages.map(({ sender, payload }) => (
        <p key={payload}>{`${sender}: ${payload}`}</p>
      ))}
      <button type="button" disabled={!isOpen} onClick={() => send({ type: 'SEND_MESSAGE', text: 'Hello' })}>
        Say hello
      </button>
    </>
  );
};

it('puts the messages into the store, and says what the connection does', async () => {
  // In an app: createConnection({ url, getToken, messages }), once and outside of components.
  const { connection, server } = createScenario({ backoff: () => 8_000 });
  render(
    <Provider store={createStore()}>
      <ConnectionProvider connection={connection} userId="ada">
        <Bridge />
        <Indicator />
        <Chat />
      </ConnectionProvider>
    </Provider>,
  );
  expect(screen.getByText('Connecting…')).toBeTruthy();

  await act(async () => server.accepts());
  expect(screen.getByText('Connected.')).toBeTruthy();
  await act(async () => server.sends({ type: 'NEW_MESSAGE', sender: 'Ben', payload: 'A red kite' }));
  expect(screen.getByText('Ben: A red kite')).toBeTruthy();
  await act(async () => screen.getByText('Say hello').click());
  expect(server.received).toEqual([{ type: 'SEND_MESSAGE', text: 'Hello' }]);

  await act(async () => server.closes(1006));
  expect(screen.getByText(/^Connection lost\. Trying again .*\(1 of 20\)\.$/)).toBeTruthy();
  expect(screen.getByText('Say hello')).toHaveProperty('disabled', true);
});
