import type { StatesocketError } from 'statesocket';
import { type InspectionMessage, inspectConnection } from 'statesocket/stately';
import { createScenario } from 'statesocket/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { canariesIn, codesOf, createCanaryScenario } from './inspected-life.ts';

afterEach(() => void vi.restoreAllMocks());

/** Stands in for the window of stately.ai: it opens at nothing, and tells what it was sent. */
const opensWindow = () => {
  const posted: InspectionMessage[] = [];
  const stately = Object.assign(Object.create(null), {
    postMessage: (message: InspectionMessage) => posted.push(message),
  });
  const open = vi.spyOn(window, 'open').mockReturnValue(stately);
  return {
    posted,
    open,
    says: (type: string) => void window.dispatchEvent(new MessageEvent('message', { data: { type } })),
  };
};

it('Stately’s window is opened when it is asked for, gets the whole life once it listens, and no canary', async () => {
  const { posted, open, says } = opensWindow();
  const { connection, livesAWholeLife } = createCanaryScenario();
  const inspection = inspectConnection(connection, { stately: true });
  expect(open).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(1));
  says('@statelyai.connected');
  livesAWholeLife();
  await vi.waitFor(() =>
    expect(posted).toContainEqual(
      expect.objectContaining({
        type: '@xstate.snapshot',
        snapshot: expect.objectContaining({ value: 'loggedOut' }),
      }),
    ),
  );
  expect(posted[0]).toMatchObject({ type: '@xstate.actor', name: 'connection' });
  expect(canariesIn(posted)).toEqual([]);

  inspection.stop();
  expect(posted.at(-1)).toEqual({ type: '@statelyai.disconnected' });
  const before = posted.length;
  connection.connect({ userId: 'ada' });
  await new Promise((resolve) => requestAnimationFrame(resolve));
  expect(posted).toHaveLength(before);
});

it('a window that the browser blocks is reported, and the connection goes on', async () => {
  vi.spyOn(window, 'open').mockReturnValue(null);
  const reported: StatesocketError[] = [];
  const { connection } = createScenario();
  inspectConnection(connection, { stately: true, onError: (error) => void reported.push(error) });
  await vi.waitFor(() => expect(codesOf(reported)).toEqual(['inspect-unavailable']));
  expect(reported[0]?.cause).toMatchObject({ message: 'The browser blocked the window of the inspector.' });
  connection.connect({ userId: 'ada' });
  expect(connection.status).toBe('connecting');
});

it('a page that inspects for itself opens no window and dials nothing', async () => {
  const { open } = opensWindow();
  const dialled = vi.fn();
  vi.stubGlobal('WebSocket', dialled);
  const messages: InspectionMessage[] = [];
  const { connection, livesAWholeLife } = createCanaryScenario();
  inspectConnection(connection, { send: (message) => void messages.push(message) });
  livesAWholeLife();
  await vi.waitFor(() => expect(messages.length).toBeGreaterThan(60));
  expect(canariesIn(messages)).toEqual([]);
  expect(open).not.toHaveBeenCalled();
  expect(dialled).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});
