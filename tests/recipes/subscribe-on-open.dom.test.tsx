import { act, render, screen } from '@testing-library/react';
import { StrictMode, useEffect, useState } from 'react';
import { ConnectionProvider, useConnection, useMessage } from 'statesocket/react';
import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

/** Follows a channel while the component is mounted, over every reconnect. */
const useChannel = (channel: string) => {
  const connection = useConnection();
  useEffect(() => {
    const subscribe = () => connection.send({ type: 'SUBSCRIBE', channel });
    if (connection.status === 'open') subscribe();
    const stop = connection.onOpen(subscribe);
    return () => {
      stop();
      if (connection.status === 'open') connection.send({ type: 'UNSUBSCRIBE', channel });
    };
  }, [connection, channel]);
};

const Price = ({ of }: { of: string }) => {
  const [price, setPrice] = useState<unknown>('…');
  useChannel(of);
  useMessage('PRICE', (message) => {
    if (message.channel === of) setPrice(message.price);
  });
  return <p>{`${of}: ${price}`}</p>;
};

it('says what it wants once a socket, also in StrictMode, and again after each reconnect', async () => {
  const { connection, server, clock } = createScenario({ backoff: () => 1_000 });
  const view = render(
    <StrictMode>
      <ConnectionProvider connection={connection} userId="ada">
        <Price of="gold" />
      </ConnectionProvider>
    </StrictMode>,
  );
  await act(async () => server.accepts());
  expect(server.received).toEqual([{ type: 'SUBSCRIBE', channel: 'gold' }]);
  await act(async () => server.sends({ type: 'PRICE', channel: 'gold', price: 7 }));
  expect(screen.getByText('gold: 7')).toBeTruthy();

  await act(async () => server.closes(1006));
  await act(async () => clock.passes(1_000));
  await act(async () => server.accepts());
  await act(async () => clock.passes(60_000));
  expect(server.received).toEqual([{ type: 'SUBSCRIBE', channel: 'gold' }]);

  view.unmount();
});
