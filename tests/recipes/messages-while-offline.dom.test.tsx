import { act, render, screen } from '@testing-library/react';
import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { ConnectionProvider, useConnection, useDelivery, useOutbox } from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { expect, it } from 'vitest';

const Waiting = () => {
  const { outbox } = useConnection();
  return useOutbox().map(({ key, message, state }) => (
    <p key={key}>
      {`${message.text} is ${state}`}
      {state === 'failed' && (
        <button type="button" onClick={() => outbox.retry(key)}>
          Retry
        </button>
      )}
      {state === 'failed' && (
        <button type="button" onClick={() => outbox.discard(key)}>
          Discard
        </button>
      )}
    </p>
  ));
};

const Progress = () => {
  const { status, isCaughtUp, appliedCount } = useDelivery();
  return status === 'live' && !isCaughtUp ? <p>{`Catching up: ${appliedCount} messages so far`}</p> : null;
};

it('shows what waits, and loads the history before anything comes', async () => {
  const server = createFakeServer();
  const loads: string[] = [];
  const connection = createConnection({
    url: 'wss://example.org/connect/',
    WebSocket: server.WebSocket,
    delivery: durableDelivery({
      durable: ({ type }) => type === 'SEND_MESSAGE',
      storage: 'memory', // in an app: 'indexedDB'
    }),
  });
  connection.onDiscontinuity(async ({ reason }) => {
    loads.push(reason); // in an app: fetch the state, merge it by id, throw when that fails
  });
  render(
    <ConnectionProvider connection={connection} userId="ada">
      <Waiting />
      <Progress />
    </ConnectionProvider>,
  );
  act(() => {
    connection.send({ type: 'SEND_MESSAGE', text: 'Hello' });
  });
  expect(screen.getByText('Hello is queued')).toBeTruthy();

  await act(async () => {
    server.accepts();
    server.welcomes();
    server.resumes();
  });
  expect(loads).toEqual(['first']);
  expect(screen.getByText('Hello is sent')).toBeTruthy();

  const { clientId } = server.received.find((frame) => Object(frame).type === 'SEND_MESSAGE') as {
    clientId: string;
  };
  await act(async () => server.sends({ type: 'RECEIPT', clientId, n: 1, rejected: [] }));
  expect(screen.getByText('Hello is delivered')).toBeTruthy();
});
