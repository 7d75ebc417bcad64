import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connectionPaths } from 'statesocket/testing';
import { expect, it } from 'vitest';

/** Reads the built package, as a user's `node --test` does: there is no window, no vitest and no fake timer. */
const SOURCE = `
import test from 'node:test';
import { connectionPaths, createScenario } from 'statesocket/testing';
for (const path of connectionPaths()) test(path.title, () => {
  const { connection, clock, fires } = createScenario(path.options);
  return path.run({ fires, passes: clock.passes, status: () => connection.status });
});`;

it('runs in node:test as well: every path passes, and the process ends by itself', () => {
  const output = execFileSync(
    process.execPath,
    ['--no-warnings', '--test-reporter=tap', '--input-type=module', '--eval', SOURCE],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: process.env.PATH },
    },
  );
  expect(output).toContain(`# pass ${connectionPaths().length}`);
  expect(output).toContain('# fail 0');
}, 60_000);
