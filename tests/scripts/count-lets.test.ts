import { expect, it } from 'vitest';
import { capturedLetsIn } from '../../scripts/count-lets.mjs';

it('counts the lets that closures capture, and the booleans among them', () => {
  const source = `
let count = 0;
export const next = () => (count += 1);
export const make = () => {
  let isOver = false;
  let local = 1;
  local += 1;
  for (let at = 0; at < local; at += 1) {}
  return { end() { isOver = true; }, local };
};
`;
  expect(capturedLetsIn('a.ts', source)).toEqual([
    { path: 'a.ts', name: 'count', isBoolean: false },
    { path: 'a.ts', name: 'isOver', isBoolean: true },
  ]);
});
