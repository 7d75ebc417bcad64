import { beforeAll } from 'vitest';
import { postgresEngine } from '../../src/gateway/postgres/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';
import { dropSchema, makeDatabase } from './support/databases.ts';

let url = '';
beforeAll(async () => {
  url = await makeDatabase();
});

describeEngine(
  'postgres',
  async (options) => {
    await dropSchema(url);
    return postgresEngine({ connectionString: url, ...options });
  },
  (options) => postgresEngine({ connectionString: url, ...options }),
);
