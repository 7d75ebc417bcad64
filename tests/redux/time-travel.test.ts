import { ActionCreators, instrument, type LiftedAction } from '@redux-devtools/instrument';
import { configureStore } from '@reduxjs/toolkit';
import { bridgeToRedux, connectionSlice } from 'statesocket/redux';
import { createScenario } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A store that is watched by what Redux DevTools run in the page, and a connection with a past: lost twice, and open. */
const setUp = () => {
  const scenario = createScenario({ backoff: () => 1_000 });
  const { connection, server, clock } = scenario;
  const store = configureStore({
    reducer: { connection: connectionSlice.reducer },
    devTools: false,
    enhancers: (defaults) => defaults().concat(instrument()),
  });
  const devTools = store.liftedStore;
  const stop = bridgeToRedux(connection, store.dispatch, {});
  connection.connect({ userId: 'ada' });
  server.refuses();
  clock.passes(1_000);
  server.accepts();
  clock.passes(6_000);
  connection.send({ type: 'CHAT' });
  server.closes(1011, 'out of cheese');
  clock.passes(1_000);
  server.accepts();

  const history = (): { readonly type: string; readonly payload: { readonly status: string } }[] =>
    devTools
      .getState()
      .stagedActionIds.slice(1)
      .map((id: number) => devTools.getState().actionsById[id]?.action);
  /** What a server, a person and the chart can see of the connection. */
  const seen = () => ({
    snapshot: connection.getSnapshot(),
    chart: connection.actor.getSnapshot(),
    sockets: server.sockets.map(({ readyState, closedWith, sent }) => ({
      readyState,
      closedWith,
      sent: [...sent],
    })),
    recording: connection.recording(),
  });
  return {
    ...scenario,
    stop,
    history,
    seen,
    travels: (action: LiftedAction<unknown, { type: string }, null>) => void devTools.dispatch(action),
    shown: () => store.getState().connection,
    indexOf: (status: string) => history().findIndex(({ payload }) => payload.status === status) + 1,
    lifted: () => devTools.getState(),
  };
};

describe('Redux DevTools', () => {
  it('list each change of the connection as an action that says what it is by then', () => {
    const { history, shown, connection } = setUp();
    expect(history().map(({ type, payload }) => [type, payload.status])).toEqual([
      ['connection/connectionChanged', 'idle'],
      ['connection/connectionChanged', 'connecting'],
      ['connection/connectionChanged', 'backoff'],
      ['connection/connectionChanged', 'connecting'],
      ['connection/connectionChanged', 'open'],
      ['connection/connectionChanged', 'open'],
      ['connection/connectionChanged', 'backoff'],
      ['connection/connectionChanged', 'connecting'],
      ['connection/connectionChanged', 'open'],
    ]);
    expect(history()[4]?.payload, 'the retry that brought it back').toMatchObject({ retryCount: 1 });
    expect(history()[5]?.payload, 'it is stable').toMatchObject({ retryCount: 0 });
    expect(history()[6]?.payload).toMatchObject({
      nextRetryAt: expect.any(Number),
      lastEnd: { cause: 'closed', code: 1011, reason: 'out of cheese', wasClean: true },
    });
    expect(JSON.parse(JSON.stringify(history())), 'plain data').toEqual(history());
    expect(shown()).toEqual(connection.getSnapshot());
  });
});

describe('time travel', () => {
  const { jumpToState, jumpToAction, toggleAction, setActionsActive, reorderAction } = ActionCreators;
  const { rollback, commit, reset, sweep, importState, lockChanges, pauseRecording } = ActionCreators;

  it.each([
    ['jumps back', [jumpToState(2)]],
    ['jumps to an action', [jumpToAction(3)]],
    ['skips an action', [toggleAction(9)]],
    ['skips all of them', [setActionsActive(1, 10, false)]],
    ['sweeps what was skipped', [toggleAction(9), toggleAction(2), sweep()]],
    ['reorders', [reorderAction(5, 2)]],
    ['plays everything again, step by step', Array.from({ length: 10 }, (_, index) => jumpToState(index))],
    ['commits', [commit()]],
    ['rolls back', [rollback()]],
    ['resets', [reset()]],
    ['imports what another page did', [importState([{ type: 'connection/connectionChanged' }])]],
    ['is locked', [lockChanges(true), lockChanges(false)]],
    ['is paused', [pauseRecording(true), pauseRecording(false)]],
  ])('that %s neither sends, dials nor closes', (_, acts) => {
    const { travels, seen, shown, connection, server, clock, lifted } = setUp();
    const before = seen();
    for (const act of acts) travels(act);
    clock.passes(0);
    vi.runAllTimers();
    expect(seen()).toEqual(before);

    // The next real change is shown as it is, once the view is in the present.
    server.closes(1006);
    travels(jumpToState(lifted().stagedActionIds.length - 1));
    expect(shown()).toBe(connection.getSnapshot());
    expect(shown()).toMatchObject({ status: 'backoff', lastEnd: { code: 1006 } });
    clock.passes(1_000);
    server.accepts();
    expect(shown()).toBe(connection.getSnapshot());
    expect(shown().status).toBe('open');
  });

  it('to the past stays there while the connection goes on, and comes back to what is', () => {
    const { travels, shown, connection, server, lifted, indexOf } = setUp();
    travels(jumpToState(indexOf('backoff')));
    expect(shown().status).toBe('backoff');
    expect(connection.status).toBe('open');
    server.closes(4403);
    expect(shown().status, 'DevTools hold the view').toBe('backoff');
    expect(connection.status).toBe('failed');
    travels(jumpToState(lifted().stagedActionIds.length - 1));
    expect(shown()).toBe(connection.getSnapshot());
  });

  it.each([
    ['locked', lockChanges],
    ['paused', pauseRecording],
  ])('that is %s lists nothing, and the next change after it has it all', (_, hold) => {
    const { travels, shown, connection, server, clock, history } = setUp();
    const listedCount = history().length;
    travels(hold(true));
    server.closes(1011);
    expect(connection.status).toBe('backoff');
    expect(history().length).toBeLessThanOrEqual(listedCount);
    travels(hold(false));
    clock.passes(1_000);
    expect(shown()).toBe(connection.getSnapshot());
    expect(shown()).toMatchObject({ status: 'connecting', lastEnd: { code: 1011 } });
  });

  it('does not keep the connection from what it would do by itself', () => {
    const { travels, server, clock, connection } = setUp();
    server.closes(1011);
    travels(jumpToState(1));
    const dialledCount = server.sockets.length;
    clock.passes(1_000);
    expect(server.sockets).toHaveLength(dialledCount + 1);
    expect(connection.status).toBe('connecting');
  });

  it('after the end of the bridge shows the past and nothing new', () => {
    const { travels, stop, seen, shown, connection, indexOf } = setUp();
    stop();
    connection.disconnect();
    const before = seen();
    travels(jumpToState(indexOf('connecting')));
    expect(shown().status).toBe('connecting');
    expect(seen()).toEqual(before);
  });
});
