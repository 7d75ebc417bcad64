import { configureStore, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { FormEvent } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider, useSelector } from 'react-redux';
import { ToastContainer } from 'react-toastify';
import { createConnection, describeConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { ConnectionProvider, useConnection, useSend } from 'statesocket/react';
import { connectionSlice, useReduxBridge } from 'statesocket/redux';
import { useToastBridge } from 'statesocket/toast';

const me = new URLSearchParams(location.search).get('me') ?? 'ada';
const connection = createConnection({
  url: `ws://localhost:3000/connect/token-of-${me}/`,
  delivery: durableDelivery({ durable: ({ type }) => type === 'SEND_MESSAGE', server: 'statesocket' }),
});

interface Line {
  readonly id: string;
  readonly text: string;
}
const chat = createSlice({
  name: 'chat',
  initialState: [] as Line[],
  reducers: { received: (lines, { payload }: PayloadAction<Line[]>) => void lines.push(...payload) },
});
const store = configureStore({ reducer: { connection: connectionSlice.reducer, chat: chat.reducer } });
type State = ReturnType<typeof store.getState>;

const Bridges = () => {
  const provided = useConnection();
  useReduxBridge(provided, {
    NEW_MESSAGE: (messages) =>
      chat.actions.received(
        messages.map(({ id, from, text }) => ({ id: String(id), text: `${from}: ${text}` })),
      ),
  });
  const text = (_message: unknown, count: number) =>
    count === 1 ? 'A new message' : `${count} new messages`;
  useToastBridge(provided, { messages: { NEW_MESSAGE: { id: () => 'chat', text } } });
  return null;
};

const Chat = () => {
  const lines = useSelector((state: State) => state.chat);
  const snapshot = useSelector((state: State) => state.connection);
  const send = useSend();
  const say = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('text'));
    send({ type: 'SEND_MESSAGE', to: me === 'ada' ? 'ben' : 'ada', text });
    event.currentTarget.reset();
  };
  return (
    <main>
      <p role="status">{describeConnection(snapshot, { now: null })}</p>
      <ul>
        {lines.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
      <form onSubmit={say}>
        <label>
          Message <input name="text" required />
        </label>
        <button type="submit">Send</button>
      </form>
    </main>
  );
};

createRoot(document.getElementById('root') as HTMLElement).render(
  <Provider store={store}>
    <ConnectionProvider connection={connection} userId={me}>
      <Bridges />
      <Chat />
      <ToastContainer />
    </ConnectionProvider>
  </Provider>,
);
