import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Call, CallName, CallTypes, Slots } from '../../src/gateway/engine/thread/calls.ts';
import { createGroups } from '../../src/gateway/engine/thread/groups.ts';
import { createVirtualClock, type VirtualClock } from '../../src/testing/index.ts';

/** What the database was asked, in order. */
let asked: string[] = [];
/** What came back, in order: `1 ok`, `2 SQLITE_FULL`. */
let answered: string[] = [];
/** What has come while the thread was busy. */
let arriving: (readonly Call[])[] = [];
let clock: VirtualClock;
let isLocked = false;
let isClosing = false;
let isBusyForReaders = false;
let isGone = false;
/** Texts that the database refuses. */
let refused = new Set<string>();
let commitFails: string | null = null;
let onCommit: () => void = () => {};
let inTransaction = false;

const thrown = (code: string) => Object.assign(new Error(code), { code });
const call = <Name extends CallName>(id: number, name: Name, ...args: CallTypes[Name]['args']): Call =>
  [id, name, args] as Call;
const append = (id: number, userId: string, text = 'x'): Call =>
  call(id, 'append', userId, [text], ['s'], undefined, 0);
const last = (id: number, userId: string): Call => call(id, 'last', userId);
const note = (words: string) => void asked.push(words);

const slots: Slots = {
  append(userId, [text = '']) {
    note(`append ${userId}`);
    if (refused.has(text)) throw thrown('SQLITE_CONSTRAINT');
    return ['1-s'];
  },
  readAfter: () => [],
  last(userId) {
    note(`last ${userId}`);
    if (isBusyForReaders) throw thrown('SQLITE_BUSY_RECOVERY');
    if (refused.has(userId)) throw thrown('SQLITE_CORRUPT');
    return '0';
  },
  decide: () => ({ decided: 1, stored: 'as given' }),
  recall: () => ({ decided: 1, stored: null }),
  fanned: () => 1,
  resumeCommands: () => ({ decided: 1, unfanned: [] }),
  unfanned: () => [],
};

const createThread = () =>
  createGroups({
    transactions: {
      slots,
      begin() {
        if (isLocked) throw thrown('SQLITE_BUSY');
        note('begin');
        inTransaction = true;
      },
      commit() {
        onCommit();
        if (commitFails !== null) throw thrown(commitFails);
        note('commit');
        inTransaction = false;
      },
      rollback() {
        if (inTransaction) note('rollback');
        inTransaction = false;
      },
      checkFile() {
        if (isGone) throw thrown('FILE_GONE');
      },
      failureOf: (cause) => ({ words: 'It failed.', code: (cause as { code: string }).code, message: '' }),
    },
    answer(answers: readonly Answer[]) {
      for (const [id, failure] of answers) answered.push(`${id} ${failure?.code ?? 'ok'}`);
      note(`answer ${answers.map(([id]) => id).join(' ')}`);
    },
    more: () => (arriving.shift() ?? []) as readonly Call[],
    isClosing: () => isClosing,
    closed: () => note('closed'),
    now: () => clock.now(),
    setTimeout: (run, ms) => void clock.setTimeout(run, ms),
  });
let take: ReturnType<typeof createThread>;

beforeEach(() => {
  asked = [];
  answered = [];
  arriving = [];
  clock = createVirtualClock();
  isLocked = false;
  isClosing = false;
  isBusyForReaders = false;
  isGone = false;
  refused = new Set();
  commitFails = null;
  onCommit = () => {};
  inTransaction = false;
  take = createThread();
});

describe('the calls that wait', () => {
  it('share one transaction, and are answered when it is on the disk', () => {
    take([append(1, 'anna'), append(2, 'bert'), append(3, 'anna')]);
    expect(asked).toEqual(['begin', 'append anna', 'append bert', 'append anna', 'commit', 'answer 1 2 3']);
  });

  it('that come during a commit are the next group', () => {
    arriving = [[append(2, 'bert'), append(3, 'cleo')]];
    take([append(1, 'anna')]);
    expect(asked).toEqual([
      'begin',
      'append anna',
      'commit',
      'answer 1',
      'begin',
      'append bert',
      'append cleo',
      'commit',
      'answer 2 3',
    ]);
  });

  it('are no more than 256 to a transaction, so that the first need not wait for the last', () => {
    take(Array.from({ length: 300 }, (_, at) => append(at + 1, 'anna')));
    expect(asked.filter((words) => words === 'commit')).toHaveLength(2);
    expect(asked.indexOf('commit')).toBe(257);
    expect(answered).toHaveLength(300);
  });

  it('of readers take no transaction, and go before the writes of others', () => {
    take([append(1, 'anna'), last(2, 'bert')]);
    expect(asked).toEqual(['last bert', 'answer 2', 'begin', 'append anna', 'commit', 'answer 1']);
  });

  it('of one user are done in their order', () => {
    take([last(1, 'anna'), append(2, 'anna'), last(3, 'anna'), append(4, 'anna')]);
    expect(asked).toEqual([
      'last anna',
      'answer 1',
      'begin',
      'append anna',
      'last anna',
      'append anna',
      'commit',
      'answer 2 3 4',
    ]);
  });

  it.each([
    [
      'decide',
      call(1, 'decide', 'anna', 'page', { n: 1, key: 'k', rejected: null, publications: null }, 0, 0),
    ],
    ['fanned', call(1, 'fanned', 'anna', 'page', 1)],
    ['resumeCommands', call(1, 'resumeCommands', 'anna', 'page', 1)],
  ])('to %s are writes', (_, write) => {
    take([write]);
    expect(asked).toEqual(['begin', 'commit', 'answer 1']);
  });
});

describe('a call that cannot be done', () => {
  it('takes no other with it: its group is done again call by call', () => {
    refused = new Set(['bad']);
    take([append(1, 'anna'), append(2, 'bert', 'bad'), append(3, 'cleo')]);
    expect(answered).toEqual(['1 ok', '2 SQLITE_CONSTRAINT', '3 ok']);
    expect(asked.filter((words) => words === 'commit')).toHaveLength(2);
    expect(inTransaction).toBe(false);
  });

  it('keeps those that came later out of nothing: they share a transaction again', () => {
    refused = new Set(['bad']);
    arriving = [[], [], [append(4, 'dora'), append(5, 'emil')]];
    take([append(1, 'anna'), append(2, 'bert', 'bad'), append(3, 'cleo')]);
    expect(answered).toEqual(['1 ok', '2 SQLITE_CONSTRAINT', '3 ok', '4 ok', '5 ok']);
    expect(asked.slice(-4)).toEqual(['append dora', 'append emil', 'commit', 'answer 4 5']);
  });

  it('where it is a read fails alone', () => {
    refused = new Set(['bert']);
    take([last(1, 'anna'), last(2, 'bert'), last(3, 'cleo')]);
    expect(answered).toEqual(['1 ok', '2 SQLITE_CORRUPT', '3 ok']);
  });

  it('because the disk is full fails with that, each for itself', () => {
    commitFails = 'SQLITE_FULL';
    take([append(1, 'anna'), append(2, 'bert')]);
    expect(answered).toEqual(['1 SQLITE_FULL', '2 SQLITE_FULL']);
  });

  it('because the file is gone is not done twice', () => {
    isGone = true;
    take([append(1, 'anna'), append(2, 'bert')]);
    expect(answered).toEqual(['1 FILE_GONE', '2 FILE_GONE']);
    expect(asked.filter((words) => words === 'append anna')).toHaveLength(1);
    take([last(3, 'anna')]);
    expect(answered.at(-1)).toBe('3 FILE_GONE');
  });

  it('because the file has gone while it was written is not told as stored', () => {
    onCommit = () => {
      isGone = true;
    };
    take([append(1, 'anna')]);
    expect(answered).toEqual(['1 FILE_GONE']);
  });
});

describe('while another program has the lock', () => {
  it('writes wait, their users with them, and nobody else', () => {
    isLocked = true;
    take([append(1, 'anna')]);
    take([last(2, 'bert'), last(3, 'anna'), append(4, 'cleo')]);
    clock.passes(1_000);
    expect(answered).toEqual(['2 ok']);
    isLocked = false;
    clock.passes(5);
    expect(answered).toEqual(['2 ok', '1 ok', '3 ok', '4 ok']);
    expect(asked.filter((words) => words === 'commit')).toHaveLength(1);
  });

  it('each write waits for 5 s, counted from its own beginning, then fails with the cause', () => {
    isLocked = true;
    take([append(1, 'anna'), last(2, 'anna')]);
    clock.passes(3_000);
    take([append(3, 'bert'), last(4, 'bert')]);
    clock.passes(1_990);
    expect(answered).toEqual([]);
    clock.passes(10);
    expect(answered).toEqual(['1 SQLITE_BUSY', '2 ok']);
    clock.passes(2_990);
    expect(answered).toHaveLength(2);
    clock.passes(10);
    expect(answered.slice(2)).toEqual(['3 SQLITE_BUSY', '4 ok']);
    isLocked = false;
    take([append(5, 'anna')]);
    clock.passes(5);
    expect(answered.at(-1)).toBe('5 ok');
  });

  it('the time that a call waited for the disk before does not count', () => {
    onCommit = () => {
      clock.passes(10_000);
      isLocked = true;
    };
    take(Array.from({ length: 257 }, (_, at) => append(at + 1, 'anna')));
    expect(answered).toHaveLength(256);
    onCommit = () => {};
    clock.passes(4_900);
    expect(answered).toHaveLength(256);
    isLocked = false;
    clock.passes(5);
    expect(answered.at(-1)).toBe('257 ok');
  });

  it('a read that came behind a write is answered when that write has failed, though another of its user waits', () => {
    isLocked = true;
    take([append(1, 'anna')]);
    clock.passes(4_000);
    take([append(2, 'anna'), last(3, 'anna')]);
    clock.passes(1_000);
    expect(answered).toEqual(['1 SQLITE_BUSY']);
    clock.passes(4_000);
    expect(answered).toEqual(['1 SQLITE_BUSY', '2 SQLITE_BUSY', '3 ok']);
  });

  it('that readers cannot pass either, they wait as well', () => {
    isLocked = true;
    isBusyForReaders = true;
    take([last(1, 'anna')]);
    clock.passes(1_000);
    expect(answered).toEqual([]);
    isLocked = false;
    isBusyForReaders = false;
    clock.passes(5);
    expect(answered).toEqual(['1 ok']);
    isLocked = true;
    isBusyForReaders = true;
    take([last(2, 'anna')]);
    clock.passes(5_000);
    expect(answered).toEqual(['1 ok', '2 SQLITE_BUSY_RECOVERY']);
  });

  it('closing waits for half a second', () => {
    isLocked = true;
    take([append(1, 'anna')]);
    isClosing = true;
    take([]);
    clock.passes(490);
    expect(asked).not.toContain('closed');
    clock.passes(10);
    expect(answered).toEqual(['1 SQLITE_BUSY']);
    clock.passes(5);
    expect(asked.at(-1)).toBe('closed');
  });
});

it('closing comes after what waits, also when the word of it comes during a commit', () => {
  onCommit = () => {
    isClosing = true;
  };
  arriving = [[append(2, 'bert')]];
  take([append(1, 'anna')]);
  expect(answered).toEqual(['1 ok', '2 ok']);
  expect(asked.at(-1)).toBe('closed');
  expect(asked.filter((words) => words === 'closed')).toHaveLength(1);
});
