import { makeDatabase } from './support/databases.ts';
import { describeTwoGateways } from './support/two-gateways.ts';

describeTwoGateways('Postgres', 'statesocket/gateway/postgres#postgresEngine', async () => ({
  connectionString: await makeDatabase(),
}));
