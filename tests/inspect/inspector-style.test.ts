import { expect, it } from 'vitest';
import { INSPECTOR_STYLE } from '../../src/inspect/panel/inspector-style.ts';

it('the style is the same to every React that renders it on a server: nothing in it is escaped', () => {
  expect(INSPECTOR_STYLE.length).toBeGreaterThan(1_000);
  expect(INSPECTOR_STYLE.match(/["'<>&]/g)).toBeNull();
});
