import { outboxMachine } from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import { loadMutated } from './mutants/load-mutated.ts';
import { searchOutbox } from './outbox-search.ts';
import recorded from './recorded-search.json' with { type: 'json' };

describe('the search of the outbox chart', () => {
  it('I2 I12 I14 the rules hold in every state that events can bring it to', () => {
    const { modes, ...counts } = searchOutbox();
    expect(counts).toEqual(recorded.outbox);
    expect([...modes].sort()).toEqual([
      'clearing.reading',
      'clearing.storing',
      'forgetting',
      'here.flowing',
      'here.keeping',
      'here.loading.parked',
      'here.loading.plain',
      'here.loading.welcomed',
      'here.parked',
      'here.plain',
      'left',
      'over',
    ]);
  });

  it('finds a chart that does not wait for verdicts', () => {
    const hasty = outboxMachine.provide({ guards: { areVerdictsKept: () => true } });
    expect(() => searchOutbox(hasty)).toThrow('here.flowing, not here.keeping, by store.read');
  });

  it.each([
    [
      'lets what is not stored go',
      `src: 'keeper', id: 'keeper', input`,
      `src: 'life', id: 'keeper2', input`,
      'left',
    ],
    [
      'lets a user return who has logged out',
      `'user.loggedOut': { target: 'clearing' }`,
      `'user.loggedOut': { target: 'left' }`,
      'left, not clearing.storing',
    ],
    [
      'forgets the reading at a logout',
      `'user.loggedOut': { target: '#outbox.clearing.reading' }`,
      `'user.loggedOut': { target: '#outbox.clearing' }`,
      'clearing.storing, not clearing.reading',
    ],
  ])('finds a chart that %s', async (_, from, to, fault) => {
    const edit = { file: 'machines/outbox.machine.ts', from, to };
    const mutated = await loadMutated<{ readonly searchOutbox: typeof searchOutbox }>(
      'tests/simulation/outbox-search.ts',
      [edit],
    );
    expect(() => mutated.searchOutbox()).toThrow(fault);
  });
});
