import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterEvent,
  type EntryEvent,
  type EntryEventType,
  type EntryPhase,
  PHASES,
  rowOf,
} from '../../../src/delivery/outbox/outbox-entry.ts';

const STORED = Object.freeze({
  userId: 'ada',
  clientId: 'c1',
  n: 1,
  key: 'k1',
  text: '{"type":"SAY"}',
  queuedAt: 5,
});

/** One event of each type. A record, so that the compiler asks for each. */
const EVENTS: { readonly [Type in EntryEventType]: Extract<EntryEvent, { type: Type }> } = {
  save: { type: 'save', numbered: true },
  saved: { type: 'saved' },
  try: { type: 'try' },
  hand: { type: 'hand' },
  carry: { type: 'carry' },
  leave: { type: 'leave' },
  withdraw: { type: 'withdraw', skip: 'expired' },
  deliver: { type: 'deliver' },
  fail: { type: 'fail', code: 'no' },
  failHere: { type: 'failHere', code: 'expired' },
  discardHere: { type: 'discardHere' },
  done: { type: 'done' },
  forget: { type: 'forget' },
};
const TYPES = Object.keys(EVENTS) as readonly EntryEventType[];
const NAMES = Object.keys(PHASES) as readonly EntryPhase[];

/** Written a second time, from the rules of docs/decisions/outbox.md. `.`: the event changes nothing. */
const EXPECTED = `
phase       | save       saved    try      hand   carry leave    withdraw    deliver   fail   failHere    discardHere done   forget
fresh       | saving     .        tried    .      .     tried    fresh       .         .      failing     discarding  .      gone
saving      | saving     saved    resaving .      .     resaving saving      .         .      failing     discarding  .      gone
saved       | saving     .        doubtful .      sent  doubtful saved       .         .      failing     discarding  .      gone
tried       | resaving   .        .        handed .     .        tried       delivered failed failing     .           .      gone
resaving    | resaving   doubtful .        handed .     .        resaving    delivered failed failing     .           .      gone
doubtful    | resaving   .        .        handed sent  .        doubtful    delivered failed failing     .           .      gone
sent        | sentSaving .        .        handed sent  doubtful sent        delivered failed sentFailing .           .      gone
sentSaving  | sentSaving sent     .        handed .     resaving sentSaving  delivered failed sentFailing .           .      gone
failing     | .          .        .        .      .     .        .           .         .      .           .           failed gone
sentFailing | .          .        .        .      .     .        .           .         .      .           .           failed gone
discarding  | .          .        .        .      .     .        .           .         .      .           .           gone   gone
delivered   | .          .        .        .      .     gone     .           .         .      .           .           .      gone
failed      | .          .        .        .      .     .        .           .         .      .           .           .      gone
handed      | .          .        .        .      .     .        .           .         .      .           .           .      .
gone        | .          .        .        .      .     .        .           .         .      .           .           .      .
`;

const rows = EXPECTED.trim()
  .split('\n')
  .map((line) => line.split(/[\s|]+/).filter((word) => word !== ''));
const [[, ...types] = [], ...cells] = rows;

describe('the table of an entry', () => {
  it('names each phase and each event', () => {
    expect(types).toEqual(TYPES);
    expect(cells.map(([phase]) => phase)).toEqual(NAMES);
  });

  it.each(cells.map(([phase, ...nexts]) => ({ phase: phase as EntryPhase, nexts })))(
    'leads on from $phase as the rules say',
    ({ phase, nexts }) => {
      const found = TYPES.map((type) => afterEvent({ phase, stored: STORED }, EVENTS[type])?.phase ?? '.');
      expect(found).toEqual(nexts);
    },
  );

  it.each([
    [
      'queued',
      ['fresh', 'saving', 'saved', 'tried', 'resaving', 'doubtful', 'failing', 'discarding', 'gone'],
    ],
    ['sent', ['sent', 'sentSaving', 'sentFailing', 'handed']],
    ['delivered', ['delivered']],
    ['failed', ['failed']],
  ])('shows as %s what is %s', (state, phases) => {
    expect(NAMES.filter((phase) => PHASES[phase].shows === state)).toEqual(
      NAMES.filter((phase) => phases.includes(phase)),
    );
  });
});

const anyEvent = fc.constantFrom(...TYPES.map((type) => EVENTS[type]));
const anyLife = fc.record({
  from: fc.constantFrom<EntryPhase>('fresh', 'doubtful', 'failed'),
  events: fc.array(anyEvent, { maxLength: 30 }),
});

/** Each step of a life: the entry before, the event, and the entry after. */
const stepsOf = ({ from, events }: { from: EntryPhase; events: readonly EntryEvent[] }) => {
  const failure = from === 'failed' ? { failure: 'no' } : {};
  let entry: NonNullable<ReturnType<typeof afterEvent>> = { phase: from, stored: { ...STORED, ...failure } };
  return events.map((event) => {
    const before = Object.freeze(entry);
    entry = afterEvent(before, event) ?? before;
    return { before, event, after: entry };
  });
};
const holds = (rule: (step: ReturnType<typeof stepsOf>[number]) => void): void => {
  fc.assert(
    fc.property(anyLife, (life) => stepsOf(life).forEach(rule)),
    { numRuns: 500, seed: 14 },
  );
};

describe('whatever happens to an entry', () => {
  it('its name and its text never change', () => {
    holds(({ after: { stored } }) => {
      const { userId, clientId, n, key, text } = stored;
      expect({ userId, clientId, n, key, text }).toEqual({ ...STORED, queuedAt: undefined });
    });
  });

  it('what is decided does not wait again', () => {
    holds(({ before, after }) => {
      if (!rowOf(before).isOpen) expect(rowOf(after).isOpen).toBe(false);
    });
  });

  it('what may have gone out stays so until it is decided', () => {
    holds(({ before, after }) => {
      if (rowOf(before).mayBeSent && rowOf(after).isOpen) expect(rowOf(after).mayBeSent).toBe(true);
    });
  });

  it('I2 it goes to a server of the extension only when it is stored, and then it shows as sent', () => {
    holds(({ before, event, after }) => {
      if (event.type !== 'carry' || before === after) return;
      expect([rowOf(before).stored, after.phase]).toEqual(['yes', 'sent']);
    });
  });

  it('I2 one that may have gone out is discarded by a verdict only, and delivered by one only', () => {
    holds(({ before, event, after }) => {
      if (rowOf(before).mayBeSent && event.type === 'discardHere') expect(after).toBe(before);
      if (after.phase === 'delivered' && before.phase !== 'delivered') expect(event.type).toBe('deliver');
    });
  });

  it('it fails with a code, which is stored with it before it shows', () => {
    holds(({ before, after }) => {
      if (after.phase !== 'failed' || before.phase === 'failed') return;
      expect(after.stored.failure).toBeDefined();
      expect(['fail', 'done']).toContain(before.phase.endsWith('ailing') ? 'done' : 'fail');
    });
  });
});
