/**
 * `npm run torture`: real clients and a real gateway in a process of its own, through the TCP fault proxy, for 20 minutes of
 * faults. `-- --minutes 3 --seed 7` says otherwise; `--store=postgres --nodes=3` puts several gateways over one Postgres with a replica. Prints what happened, and what broke a rule; then it ends with 1.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildForNode } from './build-for-node.mjs';
import { tortureOptions } from './torture-options.mjs';

let options;
try {
  options = tortureOptions(process.argv.slice(2), () => Date.now() % 2 ** 31);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { minutes, seed, store, nodes } = options;
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
console.log(
  `${minutes} minutes, seed ${seed}, ${nodes} × ${store}, commit ${commit}. Again: npm run torture -- --store=${store} --nodes=${nodes} --minutes ${minutes} --seed ${seed}`,
);
const built = await buildForNode({
  main: 'tests/integration/torture/main.ts',
  server: 'tests/integration/torture/gateway-server.ts',
  node: 'tests/integration/torture/node-server.ts',
});
try {
  const args = [
    join(built.directory, 'main.js'),
    join(built.directory, store === 'sqlite' ? 'server.js' : 'node.js'),
    String(minutes),
    String(seed),
    store,
    String(nodes),
    commit,
  ];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  await built.remove();
}
