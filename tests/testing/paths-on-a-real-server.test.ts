import { connectionMachine } from 'statesocket/machines';
import { connectionPaths, createChartCoverage } from 'statesocket/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { createRealServerDriver } from './support/real-server-driver.ts';

describe('every path through the chart comes true against a real WebSocket server', () => {
  const coverage = createChartCoverage(connectionMachine);
  const paths = connectionPaths();
  let openedCount = 0;
  afterAll(() => {
    expect({ transitions: coverage.missing(), states: coverage.missingStates() }).toEqual({
      transitions: [],
      states: [],
    });
    const opens = paths.flatMap(({ steps }) => steps).filter(({ event }) => event.type === 'socket.opened');
    expect(openedCount).toBe(opens.length);
  });

  it.each(paths)('$title', async ({ options, run }) => {
    const driver = await createRealServerDriver(options, coverage.observe);
    try {
      await run({
        ...driver,
        checks: ({ state }) => expect(driver.connection.actor.getSnapshot().value).toEqual(state),
      });
      openedCount += driver.openedCount;
    } finally {
      await driver.end();
    }
  });
});
