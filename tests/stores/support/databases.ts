import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { startPostgres } from '../../../scripts/postgres.mjs';

/** Runs statements on a connection of its own, and gives the rows of the last. */
export const query = async (url: string, text: string, values: unknown[] = []) => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the query tells
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};

/** A connection that is gone when the test ends. */
export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // a test may cut it off
  await client.connect();
  onTestFinished(() => client.end());
  return client;
};

let count = 0;

/** An empty database on the server that all files share. Its address. */
export const makeDatabase = async (): Promise<string> => {
  count += 1;
  const name = `d${process.pid}_${count}`;
  const server = inject('postgresUrl');
  await query(server, `CREATE DATABASE ${name}`);
  return server.replace(/\/postgres$/, `/${name}`);
};

/** Empties what an engine has left. */
export const dropSchema = (url: string, schema = 'statesocket') =>
  query(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`);

/** A server of one's own, for what would hurt others. It is gone when the test ends. */
export const startOwnServer = async (settings: Readonly<Record<string, string | number>> = {}) => {
  const server = await startPostgres({ template: inject('postgresTemplate'), settings });
  onTestFinished(() => server.remove());
  return server;
};
