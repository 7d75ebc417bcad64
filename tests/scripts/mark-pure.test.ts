import { expect, it } from 'vitest';
import { markPureIn } from '../../scripts/mark-pure.mjs';

it('what a machine’s file makes on import is marked as pure, and nothing else', () => {
  const source = `/** Says what (and when) it does: not(this), setup(that). */
import { assign, type EventObject, fromCallback, setup } from 'xstate';
export const aSetup = setup({
  actors: { socket: fromCallback<EventObject>(() => {}) },
  actions: { note: assign({ n: 1 }) },
});
export const machine = aSetup.createMachine({ entry: 'note' });
const resetup = (assigned) => assigned(1);
`;
  const pure = '/* @__PURE__ */ ';
  expect(markPureIn(source)).toBe(
    source
      .replace('= setup(', `= ${pure}setup(`)
      .replace('fromCallback<', `${pure}fromCallback<`)
      .replace('assign({', `${pure}assign({`)
      .replace('aSetup.createMachine', `${pure}aSetup.createMachine`),
  );
});
