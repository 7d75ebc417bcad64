import { describe, expect, it } from 'vitest';
import { typeErrorsOf } from '../support/type-check.ts';

const TIMEOUT_MS = 300_000;

const MESSAGES = `
type ServerMessage =
  | { type: 'TYPING'; conversationId: string }
  | { type: 'CHAT'; text: string };
declare const connection: Connection<ServerMessage>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_same: Same<A, B>): void => {};
`;

describe('the types', () => {
  it(
    'find fault where there is one',
    () => expect(typeErrorsOf(`const n: number = 'text'; n;`)).toHaveLength(1),
    TIMEOUT_MS,
  );

  it(
    'of react follow the registered messages',
    () => {
      const errors = typeErrorsOf(`
import type { BinaryMessage, Connection } from 'statesocket';
import { ConnectionProvider, useConnection, useConnectionStatus, useMessage, useSend } from 'statesocket/react';
${MESSAGES}
declare module 'statesocket/react' {
  interface Register {
    message: ServerMessage;
  }
}
export const Component = () => {
  useMessage('TYPING', (message) => same<typeof message, { type: 'TYPING'; conversationId: string }>(true));
  useMessage('binary', (message) => same<typeof message, BinaryMessage>(true));
  useMessage('PRESENCE', ({ online }) => same<typeof online, readonly string[]>(true));
  useSend()({ type: 'SEND_MESSAGE', conversationId: 'c1', text: 'any other member' });
  // @ts-expect-error a message has a type
  useSend()({ text: 'no type' });
  useMessage('CHAT', (message) => {
    // @ts-expect-error it has no such member
    message.conversationId;
  });
  // @ts-expect-error there is no such message
  useMessage('CHATT', () => {});
  same<ReturnType<typeof useConnection>, Connection<ServerMessage>>(true);
  same<ReturnType<typeof useConnectionStatus>, 'idle' | 'connecting' | 'open' | 'backoff' | 'loggedOut' | 'failed'>(true);
  return <ConnectionProvider connection={connection} userId={7}>text</ConnectionProvider>;
};
declare const other: Connection<{ type: 'OTHER'; n: number }>;
// @ts-expect-error a connection with other messages than the registered
export const wrong = <ConnectionProvider connection={other} userId="ada" />;
// @ts-expect-error the userId is forgotten
export const forgotten = <ConnectionProvider connection={connection} />;
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'of react take any connection and any message type where nothing is registered',
    () => {
      const errors = typeErrorsOf(`
import type { Connection, WireMessage } from 'statesocket';
import { ConnectionProvider, useMessage } from 'statesocket/react';
${MESSAGES}
declare const plain: Connection;
export const Component = () => {
  useMessage('ANY', (message) => {
    same<typeof message, WireMessage>(true);
    same<typeof message.anything, unknown>(true);
  });
  return [
    <ConnectionProvider key="typed" connection={connection} userId={null} />,
    <ConnectionProvider key="plain" connection={plain} userId="ada" />,
  ];
};
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'of redux and toast follow the connection, and take the store’s own dispatch and thunks',
    () => {
      const errors = typeErrorsOf(`
import { type Action, configureStore, createSlice, type PayloadAction, type ThunkAction } from '@reduxjs/toolkit';
import type { BinaryMessage, Connection, ConnectionSnapshot } from 'statesocket';
import { bridgeToRedux, connectionSlice, useReduxBridge } from 'statesocket/redux';
import { bridgeToToasts, useToastBridge } from 'statesocket/toast';
${MESSAGES}
const chat = createSlice({
  name: 'chat',
  initialState: [] as string[],
  reducers: { added: (state, action: PayloadAction<string[]>) => [...state, ...action.payload] },
});
const { added } = chat.actions;
const store = configureStore({ reducer: { chat: chat.reducer, connection: connectionSlice.reducer } });
type State = ReturnType<typeof store.getState>;
const load = (text: string): ThunkAction<Promise<void>, State, undefined, Action> => async (dispatch, getState) => {
  dispatch(added([text, ...getState().chat]));
};
same<State['connection'], ConnectionSnapshot>(true);

export const stop = bridgeToRedux(connection, store.dispatch, {
  CHAT: (messages) => {
    same<typeof messages, readonly { type: 'CHAT'; text: string }[]>(true);
    return added(messages.map((message) => message.text));
  },
  TYPING: (messages) => messages.flatMap((message) => [added([]), load(message.conversationId)]),
  binary: (messages) => {
    same<typeof messages, readonly BinaryMessage[]>(true);
    return [];
  },
});
// @ts-expect-error there is no such message
bridgeToRedux(connection, store.dispatch, { CHATT: () => [] });
// @ts-expect-error 42 is nothing to dispatch
bridgeToRedux(connection, store.dispatch, { CHAT: () => 42 });
// @ts-expect-error it has no such member
bridgeToRedux(connection, store.dispatch, { CHAT: (messages) => messages.map((message) => load(message.conversationId)) });
declare const plain: Connection;
bridgeToRedux(plain, store.dispatch, { ANY: (messages) => added(messages.map((message) => String(message.text))) });

bridgeToToasts(connection, {
  messages: {
    CHAT: { id: (message) => message.text, text: (message, count) => (count > 1 ? null : message.text) },
    // @ts-expect-error it has no such member
    TYPING: { id: (message) => message.text, text: () => '' },
  },
  snapshot: (next, previous) => (next.status === previous.status ? null : { id: 'status', text: next.status }),
  errors: (error) => (error.code === 'not-connected' ? { id: error.code, text: '', level: 'error' } : null),
});
// @ts-expect-error there is no such message
bridgeToToasts(connection, { messages: { CHATT: { id: () => '', text: () => '' } } });
// @ts-expect-error there is no such level
bridgeToToasts(connection, { snapshot: () => ({ id: '', text: '', level: 'fatal' }) });

export const useBoth = () => {
  useReduxBridge(connection, { CHAT: (messages) => added(messages.map((message) => message.text)) });
  useReduxBridge(connection, { CHAT: () => [] }, store.dispatch);
  useToastBridge(connection, { messages: { CHAT: { id: () => 'chat', text: (message) => message.text } } });
};
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'of sentry take real Sentry SDKs and any connection without a cast',
    () => {
      const errors = typeErrorsOf(`
import * as NodeSentry from '@sentry/node';
import * as ReactSentry from '@sentry/react';
import type { Connection } from 'statesocket';
import { reportToSentry, type SentryLike } from 'statesocket/sentry';
${MESSAGES}
same<true, true>(true);
reportToSentry(connection, NodeSentry);
reportToSentry(connection, ReactSentry);
export const sdks: SentryLike[] = [NodeSentry, ReactSentry];
// @ts-expect-error that is no Sentry
reportToSentry(connection, {});
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
