import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { memoryEngine } from '../../../src/gateway/engine/memory-engine.ts';
import { createGroups as fileGroups } from '../../../src/gateway/engine/thread/groups.ts';
import { createHub } from '../../../src/gateway/hub.ts';
import { createGroups as postgresGroups } from '../../../src/gateway/postgres/groups.ts';
import { RequestFailed } from '../../../src/gateway/postgres/requests.ts';

/** The code that is put to the test: the project's own, or a mutant of it. */
export interface Parts {
  readonly createConnection: typeof createConnection;
  readonly durableDelivery: typeof durableDelivery;
  readonly createHub: typeof createHub;
  readonly memoryEngine: typeof memoryEngine;
  /** How the engines of these names put calls together. */
  readonly fileGroups: typeof fileGroups;
  readonly postgresGroups: typeof postgresGroups;
  readonly RequestFailed: typeof RequestFailed;
}

export const original: Parts = {
  createConnection,
  durableDelivery,
  createHub,
  memoryEngine,
  fileGroups,
  postgresGroups,
  RequestFailed,
};
