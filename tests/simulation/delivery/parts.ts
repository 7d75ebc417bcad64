import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { memoryEngine } from '../../../src/gateway/engine/memory-engine.ts';
import { createHub } from '../../../src/gateway/hub.ts';

/** The code that is put to the test: the project's own, or a mutant of it. */
export interface Parts {
  readonly createConnection: typeof createConnection;
  readonly durableDelivery: typeof durableDelivery;
  readonly createHub: typeof createHub;
  readonly memoryEngine: typeof memoryEngine;
}

export const original: Parts = { createConnection, durableDelivery, createHub, memoryEngine };
