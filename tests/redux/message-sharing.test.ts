import { configureStore, createSlice, type PayloadAction } from '@reduxjs/toolkit';
import type { StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { bridgeToRedux, connectionSlice } from 'statesocket/redux';
import { createScenario } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { createHandFrames } from '../support/hand-frames.ts';

interface Chat {
  readonly type: string;
  text: string;
  seen?: boolean;
}

const chatSlice = createSlice({
  name: 'chat',
  initialState: { messages: [] as unknown[] },
  reducers: {
    added: (state, { payload }: PayloadAction<readonly unknown[]>) => {
      state.messages.push(...payload);
    },
  },
});

const setUp = (reducer?: (state: number | undefined, action: { type: string }) => number) => {
  const scenario = createScenario<{ type: string }>({ delivery: durableDelivery() });
  const store = configureStore({
    reducer: {
      [connectionSlice.name]: connectionSlice.reducer,
      chat: chatSlice.reducer,
      own: reducer ?? (() => 0),
    },
    middleware: (getDefault) => getDefault({ immutableCheck: false, serializableCheck: false }),
  });
  const frames = createHandFrames();
  const errors: StatesocketError[] = [];
  const bridge = () =>
    bridgeToRedux(
      scenario.connection,
      store.dispatch,
      { CHAT: (messages) => chatSlice.actions.added(messages) },
      { scheduleFrame: frames.scheduleFrame, onError: (error) => errors.push(error) },
    );
  return { ...scenario, store, frames, bridgeErrors: errors, bridge };
};

const opened = ({ connection, server }: ReturnType<typeof setUp>) => {
  connection.connect({ userId: 'ada' });
  server.accepts();
};

describe('a message that listeners share with a store', () => {
  it.each([
    ['one by one', [{ type: 'CHAT', text: 'a' }], [{ type: 'CHAT', text: 'b' }]],
    [
      'as a batch',
      [
        [
          { type: 'CHAT', text: 'a' },
          { type: 'CHAT', text: 'b' },
        ],
      ],
      [],
    ],
  ])('is not frozen while they run, though the bridge was first, %s', (_, ...frames) => {
    const told = setUp();
    told.bridge();
    const frozen: boolean[] = [];
    told.connection.on('CHAT', (message) => {
      frozen.push(Object.isFrozen(message));
      (message as unknown as Chat).seen = true;
    });
    told.connection.onMessage((message) => frozen.push(Object.isFrozen(message)));
    opened(told);
    told.server.sends(...frames.flat());
    told.frames.end();
    expect(frozen).toEqual([false, false, false, false]);
    expect(told.errors).toEqual([]);
    expect(told.store.getState().chat.messages).toHaveLength(2);
  });

  it('is in the store when the frame has been taken: nobody waits for a promise', () => {
    const told = setUp();
    told.bridge();
    opened(told);
    told.server.sends({ type: 'CHAT', text: 'a' });
    expect(told.store.getState().chat.messages).toEqual([{ type: 'CHAT', text: 'a' }]);
  });

  it('of a batch is one action with the others, and not the first alone', () => {
    const told = setUp();
    told.bridge();
    opened(told);
    const dispatch = vi.fn();
    told.store.subscribe(dispatch);
    told.server.sends(Array.from({ length: 100 }, (_, n) => ({ type: 'CHAT', text: `${n}` })));
    expect(dispatch).toHaveBeenCalledTimes(1);
    expect(told.store.getState().chat.messages).toHaveLength(100);
  });

  it('is not frozen while the messages that were held for a reload are dispatched', async () => {
    const told = setUp();
    told.bridge();
    const frozen: boolean[] = [];
    told.connection.on('CHAT', (message) => void frozen.push(Object.isFrozen(message)));
    let loaded = (): void => {};
    told.connection.onDiscontinuity(
      () =>
        new Promise<void>((resolve) => {
          loaded = resolve;
        }),
    );
    opened(told);
    told.server.welcomes();
    told.server.resumes();
    told.server.publishes({ type: 'CHAT', text: 'a' } as Chat, { type: 'CHAT', text: 'b' } as Chat);
    loaded();
    await new Promise((resolve) => setTimeout(resolve));
    told.frames.end();
    expect(frozen).toEqual([false, false]);
    expect(told.store.getState().chat.messages).toHaveLength(2);
  });

  it('goes into the store before the logout that a listener after it makes', () => {
    const told = setUp();
    told.bridge();
    const story: string[] = [];
    told.store.subscribe(() => {
      const { chat, connection } = told.store.getState();
      story.push(`${chat.messages.length} ${connection.status}`);
    });
    told.connection.on('CHAT', () => told.connection.logout());
    opened(told);
    told.server.sends({ type: 'CHAT', text: 'a' });
    expect(story).toEqual(['0 connecting', '0 open', '1 open', '1 loggedOut']);
  });
});

describe('a store that is behind', () => {
  it('catches up where a reducer calls logout(), messages first', async () => {
    const told = setUp((_, action) => {
      if (action.type === 'user/left') told.connection.logout();
      return 0;
    });
    told.bridge();
    opened(told);
    told.server.sends({ type: 'CHAT', text: 'a' }, { type: 'CHAT', text: 'b' });
    told.store.dispatch({ type: 'user/left' });
    await Promise.resolve();
    expect(told.connection.status).toBe('loggedOut');
    expect(told.store.getState().connection.status).toBe('loggedOut');
    expect(told.store.getState().chat.messages).toHaveLength(2);
    expect(told.bridgeErrors).toEqual([]);
  });

  it('catches up with production builds of Redux too, which say it by a number', async () => {
    const told = setUp();
    let isBusy = false;
    const taken: unknown[] = [];
    bridgeToRedux(
      told.connection,
      (action: { payload: { status: string } }) => {
        if (isBusy) throw new Error('Minified Redux error #9; visit https://redux.js.org/Errors?code=9');
        taken.push(action.payload.status);
      },
      {},
    );
    isBusy = true;
    told.connection.connect({ userId: 'ada' });
    isBusy = false;
    told.connection.disconnect();
    expect(taken).toEqual(['idle']);
    await Promise.resolve();
    expect(taken).toEqual(['idle', 'connecting', 'idle']);
  });

  it('that stays busy is tried ten times, and then reported', async () => {
    const told = setUp();
    const errors: StatesocketError[] = [];
    const frames = createHandFrames();
    let isBusy = false;
    let tries = 0;
    bridgeToRedux(
      told.connection,
      () => {
        tries += 1;
        if (isBusy) throw new Error('Reducers may not dispatch actions.');
      },
      {},
      { onError: (error) => errors.push(error), scheduleFrame: frames.scheduleFrame },
    );
    isBusy = true;
    tries = 0;
    told.connection.connect({ userId: 'ada' });
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(errors.map(({ code }) => code)).toEqual(['bridge-failed']);
    expect(tries).toBe(11);
  });

  it('that throws on the status is told again in the next frame', () => {
    let failures = 1;
    const told = setUp();
    const statuses: string[] = [];
    const frames = createHandFrames();
    bridgeToRedux(
      told.connection,
      ({ payload }: { payload: { status: string } }) => {
        if (payload.status === 'connecting' && failures-- > 0) throw new Error('a broken reducer');
        statuses.push(payload.status);
      },
      {},
      { scheduleFrame: frames.scheduleFrame, onError: () => {} },
    );
    told.connection.connect({ userId: 'ada' });
    expect(statuses).toEqual(['idle']);
    frames.end();
    expect(statuses).toEqual(['idle', 'connecting']);
  });

  it('that has taken a newer status meanwhile is told of it once', () => {
    let failures = 1;
    const told = setUp();
    const statuses: string[] = [];
    const frames = createHandFrames();
    bridgeToRedux(
      told.connection,
      ({ payload }: { payload: { status: string } }) => {
        if (payload.status === 'connecting' && failures-- > 0) throw new Error('a broken reducer');
        statuses.push(payload.status);
      },
      {},
      { scheduleFrame: frames.scheduleFrame, onError: () => {} },
    );
    opened(told);
    frames.end();
    expect(statuses).toEqual(['idle', 'open']);
  });

  it('that throws while it ends the bridge is not told again', () => {
    const told = setUp();
    const statuses: string[] = [];
    const frames = createHandFrames();
    const stop = bridgeToRedux(
      told.connection,
      ({ payload }: { payload: { status: string } }) => {
        statuses.push(payload.status);
        if (payload.status !== 'connecting') return;
        stop();
        throw new Error('a broken reducer');
      },
      {},
      { scheduleFrame: frames.scheduleFrame, onError: () => {} },
    );
    told.connection.connect({ userId: 'ada' });
    frames.end();
    expect(statuses).toEqual(['idle', 'connecting']);
  });

  it('that always throws is told three times more, and no more', () => {
    const told = setUp();
    const errors: StatesocketError[] = [];
    const frames = createHandFrames();
    bridgeToRedux(
      told.connection,
      ({ payload }: { payload: { status: string } }) => {
        if (payload.status === 'connecting') throw new Error('a broken reducer');
      },
      {},
      { scheduleFrame: frames.scheduleFrame, onError: (error) => errors.push(error) },
    );
    told.connection.connect({ userId: 'ada' });
    for (let frame = 0; frame < 20; frame += 1) frames.end();
    expect(errors).toHaveLength(4);
    expect(frames.count).toBe(0);
  });
});
