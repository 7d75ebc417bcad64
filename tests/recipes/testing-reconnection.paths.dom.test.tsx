import { act, render, screen } from '@testing-library/react';
import {
  ConnectionProvider,
  type ProvidedConnection,
  useConnection,
  useConnectionStatus,
} from 'statesocket/react';
import { connectionPaths, createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

const Status = () => {
  const { retry } = useConnection();
  const status = useConnectionStatus();
  const mayRetry = status === 'backoff' || status === 'failed';
  return (
    <>
      <p role="status">{status}</p>
      {mayRetry && (
        <button type="button" onClick={retry}>
          Reconnect now
        </button>
      )}
    </>
  );
};

const App = ({ connection }: { connection: ProvidedConnection }) => (
  <ConnectionProvider connection={connection} userId={null}>
    <Status />
  </ConnectionProvider>
);

it.each(connectionPaths())('the app shows what the chart says: $title', async ({ options, run }) => {
  const { connection, clock, fires } = createScenario(options);
  render(<App connection={connection} />);
  await run({
    fires: (event) => act(() => fires(event)),
    passes: (ms) => act(() => clock.passes(ms)),
    status: () => screen.getByRole('status').textContent,
    checks: ({ status }) => {
      const button = screen.queryByText('Reconnect now');
      expect(button !== null).toBe(status === 'backoff' || status === 'failed');
    },
  });
});
