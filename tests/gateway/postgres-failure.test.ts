import { describe, expect, it } from 'vitest';
import { failureOf, fateOf, Overdue } from '../../src/gateway/postgres/failure.ts';
import { StatesocketError } from '../../src/protocol/index.ts';

const thrown = (code: unknown) =>
  Object.assign(new Error('postgres://user:secret@host refused it'), { code });

describe('a request to Postgres that fails', () => {
  it.each([
    ['40001', 'again'],
    ['40P01', 'again'],
    ['55P03', 'locked'],
    ['08006', 'lost'],
    ['57P01', 'lost'],
    ['57P05', 'lost'],
    ['53300', 'lost'],
    ['25006', 'lost'],
    ['ECONNRESET', 'lost'],
    ['EPIPE', 'lost'],
    ['OVERDUE', 'lost'],
    [undefined, 'lost'],
    [40001, 'lost'],
    ['57P06', 'refused'],
    ['57014', 'refused'],
    ['23505', 'refused'],
    ['42P01', 'refused'],
    ['53100', 'refused'],
    ['140001', 'lost'],
    ['400011', 'lost'],
  ])('with %s is %s', (code, fate) => {
    expect(fateOf(thrown(code))).toBe(fate);
    // Also where it was put into words before.
    expect(fateOf(failureOf(thrown(code)))).toBe(fate);
  });

  it('in no way that is known is lost: whether it took effect nobody knows', () => {
    for (const cause of [null, undefined, 'gone', new Error('Connection terminated'), new Overdue('late')])
      expect(fateOf(cause)).toBe('lost');
    expect(fateOf(new StatesocketError('engine-failed', 'The engine is closed.'))).toBe('lost');
  });

  it.each([
    ['53300', /^Postgres has no connection left\. Raise max_connections/],
    ['53100', /^The disk of Postgres is full\. Make room/],
    ['25006', /^Postgres is read only: a replica, perhaps\. Lead the address to the primary\./],
    ['57P01', /^Postgres shuts down or starts\. It is tried again/],
    ['57P03', /^Postgres shuts down or starts\./],
    ['57014', /^Postgres has cancelled a request: statement_timeout/],
    [
      '55P03',
      /^Another transaction has held the log of this user for too long\. Commit soon after publishIn/,
    ],
    ['28P01', /^Postgres refuses the login, or knows no such database\. Look at the connection string\./],
    ['3D000', /^Postgres refuses the login/],
    ['42501', /^The role of Postgres may not do this\. It needs CREATE on the database/],
    ['42P01', /^The engine's tables are not there any more\. Start it again/],
    ['42883', /^The engine's tables are not there any more\./],
    ['3F000', /^The engine's tables are not there any more\./],
    ['OVERDUE', /^Postgres did not reply in time\./],
    [
      'ECONNREFUSED',
      /^The connection to Postgres was lost, or was not to be had\. .* may or may not be stored\.$/,
    ],
    ['23505', /^Postgres has refused a request of the engine\.$/],
    // A part of another code is not that code.
    ...['53300', '53100', '25006', '57P01', '57014', '55P03', '28P01', '3D000', '42501', '42P01'].flatMap(
      (code): [string, RegExp][] => [
        [`0${code}`, /^The connection to Postgres was lost/],
        [`${code}1`, /^The connection to Postgres was lost/],
      ],
    ),
    ['NOT_OVERDUE', /^The connection to Postgres was lost/],
    ['OVERDUE_BY', /^The connection to Postgres was lost/],
  ])('with %s is told in words, and the cause stays beside', (code, words) => {
    const cause = thrown(code);
    const failure = failureOf(cause);
    expect(failure).toMatchObject({ code: 'engine-failed', message: expect.stringMatching(words), cause });
    expect(failure.message).not.toContain('secret');
    // It is put into words once.
    expect(failureOf(failure)).toBe(failure);
  });
});
