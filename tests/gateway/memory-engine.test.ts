import { memoryEngine } from '../../src/gateway/index.ts';
import { describeEngine } from '../contract/engine.contract.ts';

describeEngine('memory', memoryEngine);
