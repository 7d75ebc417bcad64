import { type Action, configureStore, type Middleware } from '@reduxjs/toolkit';
import { bridgeToRedux, connectionSlice } from 'statesocket/redux';
import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

/** In the list of actions: `connection/connectionChanged: open`. The store and its reducers get the action as it is. */
const actionSanitizer = <A extends Action>(action: A): A =>
  connectionSlice.actions.connectionChanged.match(action)
    ? { ...action, type: `${action.type}: ${action.payload.status}` }
    : action;

it('Redux DevTools list what the connection became', () => {
  const listed: string[] = [];
  const { connection, server } = createScenario();
  const store = configureStore({
    reducer: { [connectionSlice.name]: connectionSlice.reducer },
    devTools: { actionSanitizer },
    middleware: (defaults) =>
      defaults().concat((() => (next) => (action) => {
        listed.push(actionSanitizer(action as Action<string>).type);
        return next(action);
      }) satisfies Middleware),
  });
  bridgeToRedux(connection, store.dispatch, {});
  connection.connect({ userId: 'ada' });
  server.accepts();
  expect(listed).toEqual([
    'connection/connectionChanged: idle',
    'connection/connectionChanged: connecting',
    'connection/connectionChanged: open',
  ]);
  expect(store.getState().connection).toBe(connection.getSnapshot());
});
