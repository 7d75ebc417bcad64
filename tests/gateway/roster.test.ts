import { beforeEach, expect, it } from 'vitest';
import { createRoster, type Roster } from '../../src/gateway/roster.ts';
import type { Session } from '../../src/gateway/session/session.ts';

/** A session as far as a roster looks at it. */
const sessionOf = (userId: string): Session => Object.create({ userId });

let roster: Roster;
const add = (userId: string): Session => {
  const session = sessionOf(userId);
  roster.add(session);
  return session;
};
const figures = () => [roster.count, roster.userCount, roster.countOf('anna')];
beforeEach(() => {
  roster = createRoster();
});

it('counts sockets and users, one socket or many', () => {
  expect(figures()).toEqual([0, 0, 0]);
  const [one, two, three] = [add('anna'), add('anna'), add('anna')];
  add('bert');
  expect(figures()).toEqual([4, 2, 3]);
  expect(roster.of('anna')).toEqual([one, two, three]);
  expect([roster.of('cleo'), roster.countOf('cleo')]).toEqual([[], 0]);
  expect(roster.all()).toHaveLength(4);
});

it('forgets a user with the last socket, whichever that is', () => {
  const [one, two, bert] = [add('anna'), add('anna'), add('bert')];
  roster.remove(one);
  expect(figures()).toEqual([2, 2, 1]);
  expect(roster.of('anna')).toEqual([two]);
  roster.remove(two);
  roster.remove(bert);
  expect(figures()).toEqual([0, 0, 0]);
  expect([roster.of('anna'), roster.all()]).toEqual([[], []]);
  add('anna');
  expect(figures()).toEqual([1, 1, 1]);
});

it('does not count down for a socket that is gone already, or never came', () => {
  const [one, two] = [add('anna'), add('anna')];
  roster.remove(one);
  roster.remove(one);
  roster.remove(sessionOf('anna'));
  roster.remove(sessionOf('cleo'));
  expect(figures()).toEqual([1, 1, 1]);
  roster.remove(two);
  const bert = add('bert');
  roster.remove(sessionOf('bert'));
  expect(roster.of('bert')).toEqual([bert]);
  expect(roster.count).toBe(1);
});

it('has each socket of many users once, however often a user is named', () => {
  const [one, two, bert] = [add('anna'), add('anna'), add('bert')];
  add('dora');
  expect(roster.ofAll(['anna', 'bert', 'anna', 'cleo', 'bert'])).toEqual([one, two, bert]);
});
