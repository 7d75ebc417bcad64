import { createMemoryStore } from '../../../src/client/outbox/memory-store.ts';
import { describesOutboxStore } from '../../contract/outbox-store.contract.ts';

describesOutboxStore('memory', createMemoryStore);
