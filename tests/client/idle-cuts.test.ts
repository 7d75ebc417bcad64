import { createScenario } from 'statesocket/testing';
import { expect, it } from 'vitest';

/** The codes of the errors when the server closes four quiet sockets so, each 60 s old. */
const codesAfter = (code: number): string[] => {
  const { connection, server, clock, errors } = createScenario({
    getToken: () => 'a-token',
    backoff: () => 1_000,
    classifyClose: () => ({ then: 'backoff' }),
  });
  connection.connect({ userId: 'ada' });
  for (let cut = 0; cut < 4; cut += 1) {
    server.accepts();
    clock.passes(60_000);
    server.closes(code);
    clock.passes(1_000);
  }
  connection.dispose();
  return errors.map((error) => error.code);
};

it.each([1000, 1001, 1006])(
  'sockets closed with %i after the same quiet time are an idle timeout',
  (code) => {
    expect(codesAfter(code)).toEqual(['idle-timeout']);
  },
);

it.each([1008, 3000, 4001, 4401])(
  'a server that says why by %i, as when a token expires, is none',
  (code) => {
    expect(codesAfter(code)).toEqual([]);
  },
);
