import { act, render, screen } from '@testing-library/react';
import { ConnectionProvider, type ProvidedConnection, useConnectionStatus } from 'statesocket/react';
import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

const Banner = () => (useConnectionStatus() === 'open' ? <p>Online</p> : <p>Reconnecting…</p>);

const App = ({ connection }: { connection: ProvidedConnection }) => (
  <ConnectionProvider connection={connection} userId="ada">
    <Banner />
  </ConnectionProvider>
);

it('shows the banner while the connection is lost, and no longer', () => {
  const { connection, server, clock, network } = createScenario({ backoff: () => 3_000 });
  render(<App connection={connection} />);
  act(() => server.accepts());
  expect(screen.getByText('Online')).toBeTruthy();
  act(() => network.cuts());
  expect(screen.getByText('Reconnecting…')).toBeTruthy();
  act(() => clock.passes(3_000));
  act(() => server.accepts());
  expect(screen.getByText('Online')).toBeTruthy();
});
