import { describe, expect, it } from 'vitest';
import { createGroup } from '../../../app/server/groups/groups.ts';
import { declineInvitation, invite } from '../../../app/server/groups/invitations.ts';
import { createMessageLimits } from '../../../app/server/limits/message-limits.ts';
import { createSignInLimit } from '../../../app/server/limits/sign-in-limit.ts';
import { createWindowLimit } from '../../../app/server/limits/window-limit.ts';
import { Refusal } from '../../../app/server/refusal.ts';
import { databaseOf } from './support/every-draw.ts';

const HOUR_MS = 3_600_000;

/** How often it works, of so many tries. */
const countOf = (tries: number, act: () => void): number => {
  let count = 0;
  for (let index = 0; index < tries; index++) {
    try {
      act();
      count++;
    } catch (error) {
      if (!(error instanceof Refusal && error.kind === 'too-many-requests')) throw error;
    }
  }
  return count;
};
const refusalOf = async (work: Promise<unknown>): Promise<Refusal> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('a window', () => {
  it('lets in as many as it says, ends where it says, and begins with its first', () => {
    let nowMs = 0;
    const limit = createWindowLimit({ maxCount: 3, windowMs: 1_000, what: 'Too much.', now: () => nowMs });
    expect(countOf(5, () => limit.take('a'))).toBe(3);
    nowMs = 999;
    expect(countOf(1, () => limit.take('a'))).toBe(0);
    expect(countOf(2, () => limit.take('b'))).toBe(2);
    nowMs = 1_000;
    expect(countOf(5, () => limit.take('a'))).toBe(3);
    // The window of b began later, and what it took last did not make it longer.
    nowMs = 1_998;
    expect(countOf(5, () => limit.take('b'))).toBe(1);
    nowMs = 1_999;
    expect(countOf(5, () => limit.take('b'))).toBe(3);
  });

  it('is not made larger by giving back what was not taken', () => {
    const limit = createWindowLimit({ maxCount: 2, windowMs: 1_000, what: 'Too much.', now: () => 0 });
    limit.take('a');
    for (let times = 0; times < 5; times++) limit.giveBack('a');
    limit.giveBack('unknown');
    expect(countOf(5, () => limit.take('a'))).toBe(2);
    expect(countOf(5, () => limit.take('unknown'))).toBe(2);
  });

  it('forgets first who was quiet longest, not who came first', () => {
    const limit = createWindowLimit({ maxCount: 2, windowMs: 1_000, what: 'Too much.', now: () => 0 });
    limit.take('busy');
    limit.take('quiet');
    limit.take('quiet');
    for (let index = 0; index < 9_998; index++) limit.take(`${index}`);
    limit.take('busy');
    limit.take('one more');
    expect(countOf(1, () => limit.take('busy'))).toBe(0);
    expect(countOf(1, () => limit.take('quiet'))).toBe(1);
  });

  it('says when to come back, in words and in ms', async () => {
    let nowMs = 0;
    const limit = createWindowLimit({
      maxCount: 1,
      windowMs: 24 * HOUR_MS,
      what: 'Too much.',
      now: () => nowMs,
    });
    limit.take('a');
    const refusal = () => refusalOf(Promise.resolve().then(() => limit.take('a')));
    const cases: [number, string, number][] = [
      [0, 'Too much. Please try again in 24 hours.', 24 * HOUR_MS],
      [22.5 * HOUR_MS, 'Too much. Please try again in 90 minutes.', 1.5 * HOUR_MS],
      [24 * HOUR_MS - 1, 'Too much. Please try again in a minute.', 1],
    ];
    for (const [at, message, retryAfterMs] of cases) {
      nowMs = at;
      expect(await refusal()).toMatchObject({ message, retryAfterMs });
    }
  });
});

describe('the limit of sign-ins', () => {
  it('holds for 15 minutes, and not a moment less', () => {
    let nowMs = 0;
    const limit = createSignInLimit(() => nowMs);
    const begin = () => limit.begin('1.2.3.4', 'eve@people.test');
    expect(countOf(20, begin)).toBe(10);
    nowMs = 15 * 60_000 - 1;
    expect(countOf(20, begin)).toBe(0);
    nowMs = 15 * 60_000;
    expect(countOf(20, begin)).toBe(10);
  });

  it('forgets the failures of a pair with the right password, and only these', () => {
    const limit = createSignInLimit(() => 0);
    const fails = (count: number) => countOf(count, () => limit.begin('1.2.3.4', 'eve@people.test'));
    expect(fails(9)).toBe(9);
    limit.begin('1.2.3.4', 'eve@people.test');
    limit.succeed('1.2.3.4', 'eve@people.test');
    expect(fails(20)).toBe(10);
    // The address has failed 19 times, and has 31 left.
    let others = 0;
    expect(countOf(50, () => limit.begin('1.2.3.4', `${others++}@people.test`))).toBe(31);
  });

  it('counts nowhere what the limit of the account refuses', () => {
    const limit = createSignInLimit(() => 0);
    for (let address = 0; address < 100; address++) limit.begin(`10.0.0.${address}`, 'eve@people.test');
    expect(countOf(60, () => limit.begin('1.2.3.4', 'eve@people.test'))).toBe(0);
    let others = 0;
    expect(countOf(60, () => limit.begin('1.2.3.4', `${others++}@people.test`))).toBe(50);
  });

  it('remembers ten thousand pairs that were right, those that signed in last', () => {
    const limit = createSignInLimit(() => 0);
    const signIn = (address: string, email: string) => {
      limit.begin(address, email);
      limit.succeed(address, email);
    };
    signIn('often', 'eve@people.test');
    signIn('once', 'eve@people.test');
    for (let index = 0; index < 9_998; index++) signIn('office', `${index}@people.test`);
    signIn('often', 'eve@people.test');
    signIn('office', 'one.more@people.test');
    for (let address = 0; address < 100; address++) limit.begin(`10.0.0.${address}`, 'eve@people.test');
    // Who guesses has shut the account to everybody but the addresses that it knows.
    expect(countOf(1, () => limit.begin('often', 'eve@people.test'))).toBe(1);
    expect(countOf(1, () => limit.begin('once', 'eve@people.test'))).toBe(0);
  });
});

describe('the limits of messages', () => {
  it('count nowhere what the limit of a day refuses', () => {
    let nowMs = 0;
    const limits = createMessageLimits(() => nowMs);
    const pictures = (tries: number) => countOf(tries, () => limits.take('a', true));
    for (let window = 0; window < 5; window++) {
      nowMs = window * 600_000;
      expect(pictures(60)).toBe(60);
    }
    nowMs = 24 * HOUR_MS - 1;
    expect(pictures(1_300)).toBe(0);
    expect(countOf(1_100, () => limits.take('a', false))).toBe(1_100);
    // A new day, and the ten minutes that began before it still run.
    nowMs = 24 * HOUR_MS;
    expect(pictures(100)).toBe(60);
  });

  it('count a message for ten minutes, and a picture that was sent before not at all', () => {
    let nowMs = 0;
    const limits = createMessageLimits(() => nowMs);
    expect(countOf(1_300, () => limits.take('a', false))).toBe(1_200);
    nowMs = 599_999;
    expect(countOf(1, () => limits.take('a', false))).toBe(0);
    nowMs = 600_000;
    expect(countOf(1_300, () => limits.take('a', false))).toBe(1_200);
    const others = createMessageLimits(() => 0);
    for (let times = 0; times < 70; times++) {
      others.take('a', true);
      others.giveBack('a', true);
    }
    expect(countOf(70, () => others.take('a', true))).toBe(60);
  });

  it('end a day of one person at ten thousand messages', () => {
    let nowMs = 0;
    const limits = createMessageLimits(() => nowMs);
    const sent: number[] = [];
    for (let window = 0; window < 10; window++) {
      nowMs = window * 600_000;
      sent.push(countOf(1_250, () => limits.take('a', false)));
    }
    expect(sent).toEqual([...Array(8).fill(1_200), 400, 0]);
    expect(countOf(1, () => limits.take('b', false))).toBe(1);
    nowMs = 24 * HOUR_MS;
    expect(countOf(1_250, () => limits.take('a', false))).toBe(1_200);
  });

  it('show a sign of typing every 0.9 s', () => {
    let nowMs = 0;
    const limits = createMessageLimits(() => nowMs);
    const shown = () => limits.mayShowTyping('a', 'room');
    expect([shown(), shown()]).toEqual([true, false]);
    nowMs = 899;
    expect(shown()).toBe(false);
    nowMs = 900;
    expect([shown(), shown()]).toEqual([true, false]);
  });
});

describe('the limits of invitations', () => {
  const ago = (db: Awaited<ReturnType<typeof databaseOf>>, ms: number) =>
    db
      .updateTable('invitations')
      .set((row) => ({ createdAt: row('createdAt', '-', ms) }))
      .execute();

  it('count what one sends oneself: two hundred of another leave the next one free', async () => {
    const db = await databaseOf({ everyone: ['a', 'b'] });
    for (const group of [1, 2, 3]) {
      const { id } = await createGroup(db, 'a', `Spam ${group}`);
      for (let index = 0; index < (group === 3 ? 2 : 99); index++)
        await invite(db, 'a', id, `${group}.${index}@people.test`);
      if (group < 3) continue;
      const refusal = await refusalOf(invite(db, 'a', id, 'one.more@people.test'));
      expect(refusal).toMatchObject({ kind: 'too-many-requests', retryAfterMs: HOUR_MS });
    }
    const { id } = await createGroup(db, 'b', 'Friends');
    await expect(invite(db, 'b', id, 'friend@people.test')).resolves.toBeDefined();
  });

  it('leave an address alone that has declined a group twice: this address, and this group', async () => {
    const db = await databaseOf({ everyone: ['a', 'b', 'c'] });
    const [first, second] = [await createGroup(db, 'a', 'First'), await createGroup(db, 'a', 'Second')];
    for (let times = 0; times < 2; times++)
      await declineInvitation(db, 'b', (await invite(db, 'a', first.id, 'b')).id);
    expect((await refusalOf(invite(db, 'a', first.id, 'b'))).message).toBe('This person has declined.');
    await expect(invite(db, 'a', first.id, 'c')).resolves.toBeDefined();
    await expect(invite(db, 'a', second.id, 'b')).resolves.toBeDefined();
  });

  it('let one person invite an address ten times a day: this sender, and this day', async () => {
    const db = await databaseOf({ everyone: ['a', 'b'] });
    const again = async (owner: string) =>
      invite(db, owner, (await createGroup(db, owner, 'More')).id, 'somebody@people.test');
    for (let times = 0; times < 10; times++) await again('a');
    expect(await refusalOf(again('a'))).toMatchObject({
      kind: 'too-many-requests',
      retryAfterMs: 24 * HOUR_MS,
    });
    await expect(again('b')).resolves.toBeDefined();
    await ago(db, 24 * HOUR_MS - 60_000);
    expect(await refusalOf(again('a'))).toBeInstanceOf(Refusal);
    await ago(db, 60_000);
    await expect(again('a')).resolves.toBeDefined();
  });

  it('count open invitations of an address, not those that it has answered', async () => {
    const crowd = Array.from({ length: 12 }, (_, index) => `m${index}`);
    const db = await databaseOf({ everyone: ['victim', ...crowd] });
    for (const owner of crowd) {
      for (let times = 0; times < 10; times++) {
        const { id } = await invite(db, owner, (await createGroup(db, owner, 'Trap')).id, 'victim');
        await declineInvitation(db, 'victim', id);
      }
    }
    // 120 were declined, and none is open.
    const { id } = await createGroup(db, 'm0', 'Friends');
    await ago(db, 24 * HOUR_MS);
    await expect(invite(db, 'm0', id, 'victim')).resolves.toBeDefined();
  });

  it('count the groups that one makes oneself, in an hour, and say when there is room again', async () => {
    const db = await databaseOf({ everyone: ['a', 'b'] });
    for (let index = 0; index < 40; index++) await createGroup(db, 'a', 'More');
    expect(await refusalOf(createGroup(db, 'a', 'More'))).toMatchObject({
      kind: 'too-many-requests',
      retryAfterMs: HOUR_MS,
    });
    await expect(createGroup(db, 'b', 'Mine')).resolves.toBeDefined();
    await db
      .updateTable('groups')
      .set((row) => ({ createdAt: row('createdAt', '-', HOUR_MS) }))
      .execute();
    await expect(createGroup(db, 'a', 'More')).resolves.toBeDefined();
  });
});
