import { createScenario } from 'statesocket/testing';
import { expect, it, vi } from 'vitest';

const made = vi.hoisted(() => ({ count: 0 }));

vi.mock('../../src/protocol/errors.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/protocol/errors.ts')>();
  class StatesocketError extends original.StatesocketError {
    constructor(...given: ConstructorParameters<typeof original.StatesocketError>) {
      super(...given);
      made.count += 1;
    }
  }
  return { ...original, StatesocketError };
});

it('I15 a batch of a hundred thousand broken members makes an error for each kind of fault, not for each member', () => {
  const { connection, server, errors } = createScenario();
  connection.onMessage(() => {});
  connection.connect({ userId: 'ada' });
  server.accepts();
  server.sendsText(`[${'0,{},'.repeat(50_000)}{"type":"A"}]`);
  expect(errors.map(({ code }) => code)).toEqual(['malformed-frame']);
  expect(errors[0]?.message).toContain('(100000 such members in one batch)');
  expect(made.count).toBeGreaterThan(0);
  expect(made.count).toBeLessThan(10);
});
