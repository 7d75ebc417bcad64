import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { readablesOf } from '../../src/react/readables-of.ts';
import type { RegisteredConnection } from '../../src/react/register.ts';

const setUp = () => {
  const scenario = createScenario();
  return { ...scenario, readables: readablesOf(scenario.connection as RegisteredConnection) };
};

describe('what hooks read of a connection', () => {
  it('is the same each time: a hook that is rendered again subscribes to nothing else', () => {
    const { connection, readables } = setUp();
    expect(readablesOf(connection as RegisteredConnection)).toBe(readables);
    expect(readablesOf(createScenario().connection as RegisteredConnection)).not.toBe(readables);
  });

  it('tells functions, observers, and those that do not listen, until they leave', () => {
    const { connection, errors, readables } = setUp();
    const { live } = readables.snapshot;
    const told: string[] = [];
    const subscriptions = [
      live.subscribe(({ status }) => told.push(`function: ${status}`)),
      live.subscribe({ next: ({ status }) => told.push(`observer: ${status}`) }),
      live.subscribe({}),
    ];
    connection.connect({ userId: 'ada' });
    expect(told).toEqual(['function: connecting', 'observer: connecting']);
    for (const { unsubscribe } of subscriptions) unsubscribe();
    connection.logout();
    expect(told).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  it('stands still on a server, where a subscription can be ended all the same', () => {
    const { connection, readables } = setUp();
    const { onServer } = readables.snapshot;
    const { unsubscribe } = onServer.subscribe(() => {
      throw new Error('nothing changes');
    });
    connection.connect({ userId: 'ada' });
    expect(onServer.getSnapshot().status).toBe('idle');
    expect(unsubscribe()).toBeUndefined();
  });
});
