import { describe, expect, it } from 'vitest';
import { typeErrorsOf } from '../support/type-check.ts';

const TIMEOUT_MS = 300_000;

const MESSAGES = `
import * as v from 'valibot';
export const ServerMessage = v.variant('type', [
  v.object({ type: v.literal('NEWS'), text: v.string() }),
  v.object({ type: v.literal('TYPING') }),
]);
export const ClientMessage = v.variant('type', [
  v.object({ type: v.literal('CHAT'), text: v.string(), urgent: v.optional(v.boolean(), false) }),
  v.object({ type: v.literal('BYE') }),
]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;
export type ClientMessage = v.InferInput<typeof ClientMessage>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const same = <A, B>(_same: Same<A, B>): void => {};
export const url = 'wss://server.test/';
`;

describe('the types of what is sent', () => {
  it(
    'follow the schemas of messages and sends, without a word of the app',
    () => {
      const errors = typeErrorsOf(`
import { type Connection, createConnection } from 'statesocket';
${MESSAGES}
const connection = createConnection({ url, messages: ServerMessage, sends: ClientMessage });
same<typeof connection, Connection<ServerMessage, ClientMessage>>(true);
connection.on('NEWS', ({ text }) => same<typeof text, string>(true));
connection.send({ type: 'CHAT', text: 'hi' });
connection.send({ type: 'BYE' });
// @ts-expect-error there is no such message
connection.send({ type: 'CHATT', text: 'hi' });
// @ts-expect-error a member is missing
connection.send({ type: 'CHAT' });
// @ts-expect-error there is no such member
connection.send({ type: 'CHAT', text: 'hi', txt: 'hi' });
// @ts-expect-error of another type
connection.send({ type: 'CHAT', text: 7 });
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'are any object with a type where there is no schema: all that compiled before does',
    () => {
      const errors = typeErrorsOf(`
import { type Connection, createConnection, type WireMessage } from 'statesocket';
${MESSAGES}
const plain = createConnection({ url });
same<typeof plain, Connection>(true);
const typed = createConnection<ServerMessage>({ url });
same<typeof typed, Connection<ServerMessage>>(true);
const inferred = createConnection({ url, messages: ServerMessage });
same<typeof inferred, Connection<ServerMessage>>(true);
interface Command {
  readonly type: 'COMMAND';
  readonly text: string;
}
class Shout {
  readonly type = 'SHOUT';
  text = 'hey';
}
declare const command: Command;
declare const message: WireMessage;
declare const either: Command | { type: 'OTHER' };
plain.send({ type: 'ANY', members: ['of', 'any', { kind: 1 }] });
plain.send(command);
plain.send(message);
plain.send(either);
plain.send(new Shout());
typed.send({ type: 'ANY', member: 1 });
inferred.send({ type: 'ANY', member: 1 });
// @ts-expect-error no type
plain.send({ text: 'hi' });
// @ts-expect-error the type is no string
plain.send({ type: 7 });
// @ts-expect-error no object
plain.send('hi');
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'can be given without a schema, and a connection that has them fits wherever one without is taken',
    () => {
      const errors = typeErrorsOf(`
import { type Connection, createConnection, createTypingIndicator } from 'statesocket';
import { ConnectionInspector } from 'statesocket/inspect';
import { bridgeToRedux } from 'statesocket/redux';
import { reportToSentry } from 'statesocket/sentry';
import { createScenario } from 'statesocket/testing';
import { bridgeToToasts } from 'statesocket/toast';
import { ConnectionProvider } from 'statesocket/react';
${MESSAGES}
const connection = createConnection<ServerMessage, ClientMessage>({ url });
connection.send({ type: 'BYE' });
// @ts-expect-error there is no such message
connection.send({ type: 'HELLO' });
const listen = (it: Connection<ServerMessage>) => it.on('NEWS', () => {});
listen(connection);
bridgeToRedux(connection, () => {}, { NEWS: () => [] });
bridgeToToasts(connection, {});
reportToSentry(connection, { captureException: () => '' });
createScenario(() => connection);
export const parts = [
  <ConnectionInspector key="inspector" connection={connection} />,
  <ConnectionProvider key="provider" connection={connection} userId={null} />,
];
declare const typing: Connection<ServerMessage, { type: 'TYPING'; conversationId: string }>;
createTypingIndicator(typing);
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'of useSend and useConnection follow what is registered',
    () => {
      const errors = typeErrorsOf(`
import type { Connection } from 'statesocket';
import { ConnectionProvider, useConnection, useSend } from 'statesocket/react';
${MESSAGES}
declare module 'statesocket/react' {
  interface Register {
    message: ServerMessage;
    send: ClientMessage;
  }
}
declare const connection: Connection<ServerMessage, ClientMessage>;
export const Component = () => {
  const send = useSend();
  send({ type: 'CHAT', text: 'hi' });
  // @ts-expect-error there is no such message
  send({ type: 'CHATT', text: 'hi' });
  // @ts-expect-error a member is missing
  send({ type: 'CHAT' });
  same<ReturnType<typeof useConnection>, Connection<ServerMessage, ClientMessage>>(true);
  return <ConnectionProvider connection={connection} userId="ada" />;
};
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'of useSend can be registered alone',
    () => {
      const errors = typeErrorsOf(`
import { useMessage, useSend } from 'statesocket/react';
${MESSAGES}
declare module 'statesocket/react' {
  interface Register {
    send: ClientMessage;
  }
}
export const Component = () => {
  useMessage('ANY', (message) => same<typeof message.anything, unknown>(true));
  useSend()({ type: 'BYE' });
  // @ts-expect-error there is no such message
  useSend()({ type: 'CHATT' });
  return null;
};
same<ServerMessage['type'], 'NEWS' | 'TYPING'>(true);
`);
      expect(errors).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
