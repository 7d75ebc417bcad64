import { outboxMachine } from 'statesocket/machines';
import { describe, expect, it } from 'vitest';
import { searchOutbox } from './outbox-search.ts';
import recorded from './recorded-search.json' with { type: 'json' };

describe('the search of the outbox chart', () => {
  it('I2 I12 I14 the rules hold in every state that events can bring it to', () => {
    const { modes, ...counts } = searchOutbox();
    expect(counts).toEqual(recorded.outbox);
    expect([...modes].sort()).toEqual([
      'clearing',
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

  it('finds a chart that lets go of what is not stored', () => {
    const careless = outboxMachine.provide({ guards: { isStored: () => true } });
    expect(() => searchOutbox(careless)).toThrow('over, not left, by user.left false');
  });
});
