import { describe, expect, it } from 'vitest';
import { checkPostgresOptions, type PostgresEngineOptions } from '../../src/gateway/postgres/options.ts';

const ADDRESS = 'postgres://localhost/app';
const POOL = { connect: () => Promise.reject(new Error('It is not looked at.')) };
const DOORBELL = { subscribe: () => () => {}, ring() {} };

describe('the options of postgresEngine', () => {
  it.each<PostgresEngineOptions>([
    { connectionString: ADDRESS },
    { connectionString: ADDRESS, listenConnectionString: ADDRESS, schema: 'a' },
    { connectionString: ADDRESS, listenConnectionString: false, schema: '_1' },
    { connectionString: ADDRESS, schema: 'a'.repeat(40) },
    { pool: POOL, listenConnectionString: ADDRESS },
    { pool: POOL, listenConnectionString: false },
    { pool: POOL, doorbell: DOORBELL },
  ])('may be $schema $listenConnectionString', (options) => {
    expect(() => checkPostgresOptions(options)).not.toThrow();
  });

  it.each<[options: unknown, words: string]>([
    [{}, 'postgresEngine needs either a connectionString'],
    [{ connectionString: '' }, 'postgresEngine needs either a connectionString'],
    [{ connectionString: 5 }, 'postgresEngine needs either a connectionString'],
    [{ pool: {}, doorbell: DOORBELL }, 'postgresEngine needs either a connectionString'],
    [{ pool: null, doorbell: DOORBELL }, 'postgresEngine needs either a connectionString'],
    [
      { connectionString: ADDRESS, pool: POOL, doorbell: DOORBELL },
      'postgresEngine needs either a connectionString',
    ],
    [{ pool: POOL }, 'postgresEngine with a pool needs a listenConnectionString'],
    [
      { connectionString: ADDRESS, listenConnectionString: '' },
      'listenConnectionString must be an address, or false.',
    ],
    [
      { connectionString: ADDRESS, listenConnectionString: true },
      'listenConnectionString must be an address, or false.',
    ],
    [{ pool: POOL, listenConnectionString: '' }, 'listenConnectionString must be an address, or false.'],
    ...['', '1a', 'A', 'a"b', 'a-b', 'xa b', 'a'.repeat(41), 7].map((schema): [unknown, string] => [
      { connectionString: ADDRESS, schema },
      'schema must be 1 to 40 lower case letters, digits and _, and begin with no digit.',
    ]),
    [{ connectionString: ADDRESS, shema: 'x' }, 'postgresEngine knows no option shema. Did you mean schema?'],
  ])('are refused where they cannot be: %j', (options, words) => {
    expect(() => checkPostgresOptions(options as PostgresEngineOptions)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(words) }),
    );
  });
});
