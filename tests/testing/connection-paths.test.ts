import { createConnection } from 'statesocket';
import { connectionMachine } from 'statesocket/machines';
import { connectionPaths, createChartCoverage, createScenario } from 'statesocket/testing';
import { afterAll, describe, expect, it } from 'vitest';

const paths = connectionPaths();

describe('every path through the chart comes true on a connection with a fake server', () => {
  const coverage = createChartCoverage(connectionMachine);
  afterAll(() => {
    expect({ transitions: coverage.missing(), states: coverage.missingStates() }).toEqual({
      transitions: [],
      states: [],
    });
  });

  it.each(paths)('$title', async ({ options, run }) => {
    const { connection, server, clock, fires, errors } = createScenario((wiring) =>
      createConnection({ url: 'wss://server.test/', ...wiring, ...options, inspect: coverage.observe }),
    );
    await run({
      fires,
      passes: clock.passes,
      status: () => connection.status,
      checks({ state, failure, status }) {
        expect(connection.actor.getSnapshot().value).toEqual(state);
        expect(connection.getSnapshot().failure).toBe(failure);
        const wanted = status === 'open' || status === 'connecting' ? 1 : 0;
        expect(server.live).toHaveLength(wanted);
      },
    });
    connection.dispose();
    expect(clock.timerCount).toBe(0);
    expect(errors.filter(({ code }) => code !== 'socket-error' && code !== 'connect-timeout')).toEqual([]);
  });
});

describe('the paths', () => {
  it('together take every transition of the chart but its end', () => {
    const taken = new Set(paths.flatMap(({ transitions }) => transitions));
    const end = 'any state: user.dispose → disposed';
    expect(createChartCoverage(connectionMachine).all()).toEqual([...taken, end].sort());
  });

  it('each take a transition that no other takes, and have a title of their own', () => {
    const count = new Map<string, number>();
    for (const name of paths.flatMap(({ transitions }) => transitions)) {
      count.set(name, (count.get(name) ?? 0) + 1);
    }
    expect(paths.filter(({ transitions }) => transitions.every((name) => count.get(name) !== 1))).toEqual([]);
    expect(new Set(paths.map(({ title }) => title)).size).toBe(paths.length);
  });

  it('are the same each time', () => {
    expect(connectionPaths().map(({ title }) => title)).toEqual(paths.map(({ title }) => title));
  });

  it('fail, and say where, when an app shows another status than the chart has', async () => {
    const path = paths.find(({ steps }) => steps.some(({ status }) => status === 'backoff'));
    const { fires, clock, connection } = createScenario(path?.options);
    const shown = () => (connection.status === 'backoff' ? 'open' : connection.status);
    await expect(path?.run({ fires, passes: clock.passes, status: shown })).rejects.toThrow(
      /After step \d of \d \(.+\) the status is open; the chart says backoff \(backoff\.\w+\)\./,
    );
  });
});
