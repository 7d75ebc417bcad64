import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

it('a Node process may hold many connections of one user, and is told nothing', async () => {
  const scenarios = Array.from({ length: 30 }, () => createScenario());
  for (const { connection, server } of scenarios) {
    connection.connect({ userId: 'a user of this test alone' });
    server.accepts();
  }
  await Promise.resolve();
  expect(scenarios.flatMap(({ errors }) => errors)).toEqual([]);
  for (const { connection } of scenarios) connection.dispose();
});
