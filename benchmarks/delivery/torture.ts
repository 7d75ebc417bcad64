/** What run.mjs takes from the tests: the same run, the same faults, the same clients of ours. */
import { createConnection } from 'statesocket';
import { openStatesocketMember } from '../../tests/integration/torture/member.ts';

export { torture } from '../../tests/integration/torture/torture.ts';
export { witnessed } from '../../tests/integration/torture/witness.ts';
export const openMember = openStatesocketMember(createConnection);
