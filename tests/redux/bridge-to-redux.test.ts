import {
  configureStore,
  createAsyncThunk,
  createSlice,
  type Middleware,
  type PayloadAction,
} from '@reduxjs/toolkit';
import { type BinaryMessage, createConnection, linearBackoff, type StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { bridgeToRedux, connectionSlice, type ReduxBridgeOptions, type ReduxMap } from 'statesocket/redux';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandFrames } from '../support/hand-frames.ts';

type Message = { type: 'CHAT'; text: string } | { type: 'TYPING'; conversationId: string };

const chatSlice = createSlice({
  name: 'chat',
  initialState: { texts: [] as string[] },
  reducers: {
    added: (state, action: PayloadAction<string[]>) => {
      state.texts.push(...action.payload);
    },
    broken: () => {
      throw new Error('a broken reducer');
    },
  },
});
const { added, broken } = chatSlice.actions;
const addTexts: ReduxMap<Message> = { CHAT: (messages) => added(messages.map(({ text }) => text)) };

const setUp = () => {
  const server = createFakeServer();
  const connection = createConnection<Message>({
    url: 'wss://redngift.test/connect/',
    WebSocket: server.WebSocket,
    backoff: linearBackoff(),
    delivery: durableDelivery(),
    messages: {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Message }) },
    },
  });
  const actions: { type: string; payload?: unknown }[] = [];
  const store = configureStore({
    reducer: { connection: connectionSlice.reducer, chat: chatSlice.reducer },
    middleware: (getDefault) =>
      getDefault().concat((() => (next) => (action) => {
        actions.push(action as { type: string });
        return next(action);
      }) satisfies Middleware),
  });
  const frames = createHandFrames();
  const errors: StatesocketError[] = [];
  const bridge = (map: ReduxMap<Message>, options: ReduxBridgeOptions<Message> = {}) =>
    bridgeToRedux(connection, store.dispatch, map, {
      ...options,
      scheduleFrame: frames.scheduleFrame,
      onError: (error) => errors.push(error),
    });
  const open = () => {
    connection.connect({ userId: 'ada' });
    server.accepts();
  };
  const take = () => actions.splice(0);
  const chat = (...texts: string[]) => server.sends(...texts.map((text) => ({ type: 'CHAT', text })));
  return { server, connection, store, frames, errors, bridge, open, take, chat };
};

const statuses = (actions: { payload?: unknown }[]) =>
  actions.map((action) => (action.payload as { status?: string }).status);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the connection in the store', () => {
  it('is idle before a bridge runs', () => {
    expect(setUp().store.getState().connection).toMatchObject({ status: 'idle', retryCount: 0 });
  });

  it('is shown at once and on each change, and not otherwise', () => {
    const { bridge, connection, server, store, take } = setUp();
    bridge({});
    expect(statuses(take())).toEqual(['idle']);
    connection.connect({ userId: 'ada' });
    connection.connect({ userId: 'ada' });
    server.accepts();
    expect(statuses(take())).toEqual(['connecting', 'open']);
    server.sends({ type: 'CHAT', text: 'nobody maps this' });
    expect(take()).toEqual([]);
    server.closes(1006);
    expect(store.getState().connection).toEqual(connection.getSnapshot());
    expect(store.getState().connection.lastEnd).toMatchObject({ cause: 'closed', code: 1006 });
  });

  it('never holds a socket, an event or a date: each action survives JSON', () => {
    const { bridge, chat, connection, open, server, take } = setUp();
    bridge(addTexts);
    open();
    chat('hello');
    server.closes(1006);
    connection.logout();
    const actions = take();
    expect(actions.length).toBeGreaterThan(4);
    for (const action of actions) expect(JSON.parse(JSON.stringify(action))).toEqual(action);
  });
});

describe('messages', () => {
  it('are dispatched at once when their type is idle', () => {
    const { bridge, chat, open, store } = setUp();
    bridge(addTexts);
    open();
    chat('hello');
    expect(store.getState().chat.texts).toEqual(['hello']);
  });

  it('of a burst of 10,000 become two actions, in order', () => {
    const { bridge, chat, frames, open, store, take } = setUp();
    bridge(addTexts);
    open();
    take();
    const texts = Array.from({ length: 10_000 }, (_, n) => `text ${n}`);
    chat(...texts);
    expect(take()).toEqual([added(['text 0'])]);
    frames.end();
    expect(take()).toEqual([added(texts.slice(1))]);
    expect(store.getState().chat.texts).toEqual(texts);
  });

  it('of two types are coalesced apart', () => {
    const { bridge, frames, open, server, take } = setUp();
    bridge({
      ...addTexts,
      TYPING: (messages) => ({ type: 'typing', payload: messages.map((m) => m.conversationId) }),
    });
    open();
    take();
    for (const n of [1, 2, 3]) {
      server.sends({ type: 'CHAT', text: `${n}` }, { type: 'TYPING', conversationId: `c${n}` });
    }
    frames.end();
    expect(take()).toEqual([
      added(['1']),
      { type: 'typing', payload: ['c1'] },
      added(['2', '3']),
      { type: 'typing', payload: ['c2', 'c3'] },
    ]);
  });

  it('of types that belong together keep the order of the wire, each run of one type an action', () => {
    const { bridge, frames, open, server, take } = setUp();
    bridge(
      {
        ...addTexts,
        TYPING: (messages) => ({ type: 'typing', payload: messages.map((m) => m.conversationId) }),
      },
      { inOrder: [['TYPING', 'CHAT']] },
    );
    open();
    take();
    const chat = (text: string) => ({ type: 'CHAT', text });
    const typing = (conversationId: string) => ({ type: 'TYPING', conversationId });
    server.sends(chat('1'), typing('c1'), typing('c2'), chat('2'), chat('3'), typing('c3'));
    expect(take()).toEqual([added(['1'])]);
    frames.end();
    expect(take()).toEqual([
      { type: 'typing', payload: ['c1', 'c2'] },
      added(['2', '3']),
      { type: 'typing', payload: ['c3'] },
    ]);
  });

  it('of presence come in order too, though the protocol and no schema knows PRESENCE', () => {
    const { bridge, open, server, take, frames } = setUp();
    bridge(
      {
        PRESENCE: (messages) => ({ type: 'online', payload: messages.at(-1)?.online }),
        TYPING: (messages) => ({ type: 'typing', payload: messages.length }),
      },
      { inOrder: [['PRESENCE', 'TYPING']] },
    );
    open();
    server.welcomes();
    take();
    server.resumes({ online: ['ben'] });
    server.sends({ type: 'TYPING', conversationId: 'c1' });
    expect(take()).toEqual([{ type: 'online', payload: ['ben'] }]);
    frames.end();
    expect(take()).toEqual([{ type: 'typing', payload: 1 }]);
  });

  it('are dispatched within a frame in Node, where no animation frame comes', () => {
    const { chat, connection, open, store } = setUp();
    bridgeToRedux(connection, store.dispatch, addTexts);
    open();
    chat('1', '2', '3');
    vi.advanceTimersByTime(16);
    expect(store.getState().chat.texts).toEqual(['1', '2', '3']);
  });

  it('that came before the connection changed are dispatched before the change', () => {
    const { bridge, chat, open, server, take } = setUp();
    bridge(addTexts);
    open();
    take();
    chat('1', '2', '3');
    server.closes(1006);
    expect(take().map((action) => action.type)).toEqual([
      'chat/added',
      'chat/added',
      'connection/connectionChanged',
    ]);
  });

  it('of one user are dispatched before the next one is dialled (I14)', () => {
    const { bridge, chat, connection, frames, open, store } = setUp();
    bridge(addTexts);
    open();
    chat('1', '2');
    connection.connect({ userId: 'bob' });
    expect(store.getState().chat.texts).toEqual(['1', '2']);
    frames.end();
    expect(store.getState().chat.texts).toEqual(['1', '2']);
  });

  it('may become a thunk, or an array of actions and thunks', async () => {
    const { bridge, open, server, store } = setUp();
    const loaded = createAsyncThunk('chat/load', async (text: string, { dispatch }) => {
      dispatch(added([`loaded ${text}`]));
    });
    bridge({ CHAT: (messages) => messages.flatMap(({ text }) => [added([text]), loaded(text)]) });
    open();
    server.sends({ type: 'CHAT', text: 'one' });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.getState().chat.texts).toEqual(['one', 'loaded one']);
  });

  it('dispatch nothing for an empty array', () => {
    const { bridge, chat, open, take } = setUp();
    bridge({ CHAT: () => [] });
    open();
    take();
    chat('hello');
    expect(take()).toEqual([]);
  });

  it('in binary reach the entry named binary with their bytes', () => {
    const { bridge, open, server } = setUp();
    const seen: BinaryMessage[] = [];
    bridge({
      binary: (messages) => {
        seen.push(...messages);
        return messages.map(({ data }) => ({ type: 'image/arrived', payload: data.byteLength }));
      },
    });
    open();
    server.sendsBytes(new Uint8Array([1, 2, 3]).buffer);
    expect(seen.map(({ data }) => [...new Uint8Array(data)])).toEqual([[1, 2, 3]]);
  });

  it('without an entry are nobody’s: not acknowledged, and reported by the connection', () => {
    const { bridge, connection, open, server } = setUp();
    const codes: string[] = [];
    connection.onError((error) => codes.push(error.code));
    bridge(addTexts);
    open();
    server.sends({ type: 'TYPING', id: 7 });
    expect(server.received).toEqual([]);
    expect(codes).toEqual(['unknown-type']);
  });
});

describe('the app’s functions', () => {
  it('that throw in an entry are reported, and the others go on', () => {
    const { bridge, chat, errors, open, server, store } = setUp();
    const fault = new Error('a broken entry');
    bridge({
      ...addTexts,
      TYPING: () => {
        throw fault;
      },
    });
    open();
    server.sends({ type: 'TYPING', conversationId: 'c1' });
    chat('hello');
    expect(errors).toMatchObject([{ code: 'bridge-failed', cause: fault }]);
    expect(errors[0]?.message).toBe('The Redux map entry of TYPING threw. The bridge goes on.');
    expect(store.getState().chat.texts).toEqual(['hello']);
  });

  it('that throw in a reducer are reported, and the next action is dispatched', () => {
    const { bridge, chat, errors, open, store } = setUp();
    bridge({ CHAT: ([message]) => [broken(), added([message?.text ?? ''])] });
    open();
    chat('hello');
    expect(errors.map((error) => error.code)).toEqual(['bridge-failed']);
    expect(store.getState().chat.texts).toEqual(['hello']);
  });

  it('that throw nothing at all in a reducer are reported as they are, and the next action is dispatched', () => {
    const { chat, connection, errors, frames, open } = setUp();
    const taken: string[] = [];
    const dispatch = ({ type }: { type: string }) => {
      if (type === 'chat/broken') throw undefined;
      taken.push(type);
    };
    bridgeToRedux(
      connection,
      dispatch,
      { CHAT: () => [broken(), added(['hello'])] },
      { scheduleFrame: frames.scheduleFrame, onError: (error) => errors.push(error) },
    );
    open();
    chat('hello');
    expect(errors).toMatchObject([{ code: 'bridge-failed', cause: undefined }]);
    expect(taken.at(-1)).toBe('chat/added');
  });

  it('that throw go to console.warn without an onError', () => {
    const { chat, connection, open, store } = setUp();
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const entry = () => {
      throw new Error('a broken entry');
    };
    bridgeToRedux(connection, store.dispatch, { CHAT: entry });
    open();
    chat('hello');
    expect(warn.mock.calls).toEqual([
      ['statesocket: bridge-failed: The Redux map entry of CHAT threw. The bridge goes on.'],
    ]);
    warn.mockRestore();
  });
});

describe('a call without a connection', () => {
  it('is refused with the name of the call: an import that is not there', () => {
    expect(() => bridgeToRedux(undefined as never, () => {}, {})).toThrow(
      'bridgeToRedux needs a connection; it got undefined.',
    );
  });
});

describe('an option that the bridge does not know', () => {
  it('is reported with the name of the call', () => {
    const { bridge, errors } = setUp();
    bridge(addTexts, { inorder: [] } as ReduxBridgeOptions<Message>);
    expect(errors).toMatchObject([
      { code: 'unknown-option', message: expect.stringMatching(/bridgeToRedux.*inorder/) },
    ]);
  });
});

describe('ending a bridge', () => {
  it('dispatches what is waiting first, and nothing after', () => {
    const { bridge, chat, connection, frames, open, store, take } = setUp();
    const stop = bridge(addTexts);
    open();
    chat('1', '2', '3');
    take();
    stop();
    expect(take()).toEqual([added(['2', '3'])]);
    chat('4');
    connection.disconnect();
    frames.end();
    stop();
    expect(take()).toEqual([]);
    expect(frames.count).toBe(0);
    expect(store.getState().connection.status).toBe('open');
  });

  it('from within a dispatch dispatches nothing more', () => {
    const { connection, open, server, frames } = setUp();
    const seen: string[] = [];
    let stop = () => {};
    const dispatch = (action: { type: string }) => {
      seen.push(action.type);
      if (action.type === 'one') stop();
    };
    stop = bridgeToRedux(
      connection,
      dispatch,
      { CHAT: () => ({ type: 'one' }), TYPING: () => ({ type: 'two' }) },
      frames,
    );
    open();
    seen.length = 0;
    server.sends({ type: 'CHAT' }, { type: 'TYPING' });
    connection.logout();
    expect(seen).toEqual(['one']);
  });

  it('from within a dispatch dispatches what the same frame has brought', () => {
    const { connection, open, server, frames } = setUp();
    const seen: string[] = [];
    let stop = () => {};
    const dispatch = (action: { type: string }) => {
      seen.push(action.type);
      if (action.type === 'one') stop();
    };
    stop = bridgeToRedux(
      connection,
      dispatch,
      { CHAT: () => ({ type: 'one' }), TYPING: () => ({ type: 'two' }) },
      frames,
    );
    open();
    seen.length = 0;
    server.sends([{ type: 'CHAT' }, { type: 'TYPING' }]);
    expect(seen).toEqual(['one', 'two']);
  });

  it('from within the messages that go before a change dispatches no change', () => {
    const { connection, open, server, frames } = setUp();
    const seen: string[] = [];
    const dispatch = ({ type, payload }: { type: string; payload?: unknown }) => {
      seen.push(type);
      if (payload === 'bye') stop();
    };
    const stop = bridgeToRedux(
      connection,
      dispatch,
      { CHAT: ([message]) => ({ type: 'chat', payload: message?.text }) },
      frames,
    );
    open();
    seen.length = 0;
    server.sends({ type: 'CHAT', text: 'hello' }, { type: 'CHAT', text: 'bye' });
    connection.logout();
    expect(seen).toEqual(['chat', 'chat']);
  });

  it('by an earlier subscriber of the same change dispatches that change no more', () => {
    const { bridge, connection, take } = setUp();
    let stop = () => {};
    connection.subscribe(() => stop());
    stop = bridge({});
    take();
    connection.connect({ userId: 'ada' });
    expect(take()).toEqual([]);
  });
});
