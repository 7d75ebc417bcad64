import { describe, expect, it } from 'vitest';
import { type Edit, loadMutated, occurrencesOf } from '../../simulation/mutants/load-mutated.ts';
import { playOutbox, type Step } from './support/outbox-play.ts';

interface OutboxMutant extends Edit {
  readonly name: string;
  /** A shortest way on which it shows, found by the random commands. */
  readonly way: readonly Step[];
  readonly fault: string;
}

const ENTRY_PUMP = 'src/delivery/outbox/outbox-line.ts';
const STEADY = 'src/delivery/outbox/steady-store.ts';

const say: Step = { do: 'say' };
const answer = (at: number): Step => ({ do: 'answer', at });
const fail: Step = { do: 'fail', at: 0 };
const link = (window: number): Step => ({ do: 'link', window });
const decide = (count: number): Step => ({ do: 'decide', count });
const come = (user: 'ada' | 'ben'): Step => ({ do: 'come', user });
const receipt: Step = { do: 'receipt' };
const leave: Step = { do: 'leave' };
const otherComes: Step = { do: 'other page comes' };

const mutants: readonly OutboxMutant[] = [
  {
    name: 'a session that stays is begun again',
    file: 'src/delivery/outbox/outbox-session.ts',
    from: "place === 'here' || place === 'left'",
    to: "place === 'here'",
    way: [say, fail, fail, leave, come('ada')],
    fault: 'ada 1 is lost',
  },
  {
    name: 'the lock of what is being written is released',
    file: STEADY,
    from: 'each.session.close(held)',
    to: 'each.session.close(new Set())',
    way: [
      link(1),
      say,
      answer(0),
      answer(0),
      decide(1),
      otherComes,
      receipt,
      come('ben'),
      answer(1),
      link(1),
      answer(0),
    ],
    fault: 'ada 1 is sent before it is stored',
  },
  {
    name: 'an earlier write is taken for the last one',
    file: 'src/delivery/outbox/outbox-commit.ts',
    from: 'entry.stored.numbered === stored.numbered ?',
    to: 'true ?',
    way: [say, link(1), answer(0), receipt, answer(0)],
    fault: 'ada 1 is sent before it is stored',
  },
  {
    name: 'a message goes out while it is being stored',
    file: ENTRY_PUMP,
    from: "rowOf(entry).stored === 'yes' && ",
    to: '',
    way: [say, link(1), answer(0), receipt],
    fault: 'ada 1 is sent before it is stored',
  },
  {
    name: 'a message overtakes one that is being stored',
    file: ENTRY_PUMP,
    from: 'if (!mayWrite(entry)) return;',
    to: 'if (!mayWrite(entry)) continue;',
    way: [link(1), leave, come('ada'), say, fail, fail, say, link(1), answer(0), say, decide(1)],
    fault: 'ada 1 is called delivered, and is not',
  },
  {
    name: 'what is in memory alone is not stored when its user is back',
    file: STEADY,
    from: '[entry.key, put(entry)]',
    to: '[entry.key, undefined]',
    way: [
      say,
      link(3),
      say,
      say,
      answer(4),
      decide(3),
      receipt,
      { do: 'pass', ms: 16_000 },
      leave,
      answer(0),
      say,
      answer(0),
      { do: 'cut', code: 1006 },
    ],
    fault: 'locks are left: main1.1',
  },
  {
    name: 'a write that failed is forgotten',
    file: STEADY,
    from: 'if (owned.get(key)?.lastPut === number) unstored.add(key);',
    to: '',
    way: [answer(0), say, fail, answer(0)],
    fault: 'ada 1 is lost',
  },
  {
    name: 'a write that is under way holds nothing',
    file: 'src/delivery/outbox/store-holdings.ts',
    from: 'const held = [...writtenNow(), ...parted];',
    to: 'const held = parted;',
    way: [answer(0), say, leave, otherComes, fail],
    fault: 'ada 1 is lost',
  },
  {
    name: 'what a chart was told and has not taken yet is overlooked',
    file: 'src/delivery/outbox/queue-chart.ts',
    from: 'placeOf(untaken.reduce(step, before).value)',
    to: 'placeOf(before.value)',
    way: [
      { do: 'hold charts' },
      come('ben'),
      { do: 'logout' },
      come('ben'),
      answer(0),
      say,
      come('ada'),
      { do: 'begin charts' },
      decide(1),
    ],
    fault: 'ben 1 is lost',
  },
  {
    name: 'what was put before the store was opened is taken for stored',
    file: STEADY,
    from: 'resolve(puts.get(key))',
    to: 'resolve(undefined)',
    way: [
      { do: 'hold charts' },
      leave,
      come('ada'),
      link(1),
      say,
      { do: 'begin charts' },
      answer(0),
      answer(0),
      answer(0),
    ],
    fault: 'ada 1 is sent before it is stored',
  },
];

describe('the mutants of the outbox', () => {
  it.each(mutants)('$name: changes a text that is there once', (mutant) => {
    expect(occurrencesOf(mutant)).toBe(1);
  });

  it.each(mutants)(
    'random commands find: $name',
    async ({ file, from, to, way, fault }) => {
      expect(await playOutbox(way)).toEqual([]);
      const mutated = await loadMutated<{ readonly playOutbox: typeof playOutbox }>(
        'tests/delivery/outbox/support/outbox-play.ts',
        [{ file, from, to }],
      );
      expect(await mutated.playOutbox(way)).toContain(fault);
    },
    60_000,
  );
});
