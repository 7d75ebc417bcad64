/**
 * `npm run check:peers`: the packed package with the oldest and the newest of each peer that its ranges allow. npm has to accept each set;
 * then a page and a server that use all of them run, and TypeScript reads the declarations. `-- oldest` takes only the sets with that
 * in their names. Needs npm's registry.
 */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFolder, installIn, packInto, runIn } from './packed-package.mjs';
import { PEER_SETS } from './peer-sets.mjs';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

const TOOLS = { page: ['jsdom@27'] };
const PAGE_APP = `
import { ConnectionProvider, useConnectionStatus, useMessage } from 'statesocket/react';
import { connectionSlice, useReduxBridge } from 'statesocket/redux';
import { useToastBridge } from 'statesocket/toast';
import { configureStore } from '@reduxjs/toolkit';
import { createConnection } from 'statesocket';
const connection = createConnection({ url: 'wss://example.org' });
export const store = configureStore({ reducer: { [connectionSlice.name]: connectionSlice.reducer } });
export const App = () => {
  useMessage('CHAT', (message) => message.type);
  useReduxBridge(connection, { CHAT: () => [] });
  useToastBridge(connection, {});
  return <ConnectionProvider connection={connection} userId={null}>{useConnectionStatus()}</ConnectionProvider>;
};
`;
const COMPILER = [
  'node_modules/typescript/bin/tsc',
  ...['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext'],
  ...['--moduleResolution', 'bundler', '--jsx', 'react-jsx', 'app.tsx'],
];

const say = (passes, name, output = '') => {
  console.log(`${passes ? 'passes' : 'FAILS '}  ${name}`);
  if (!passes) console.log(`        ${output.split('\n').slice(0, 12).join('\n        ')}`);
  return passes;
};

const checkSet = (archive, { name, peers, runs, types = [] }) =>
  inFolder('peers', async (folder) => {
    const tools = [
      ...(TOOLS[name.split(',')[0]] ?? []),
      ...(types.length > 0 ? ['typescript@~6.0.3', ...types] : []),
    ];
    try {
      await installIn(folder, [archive, ...peers, ...tools]);
    } catch (error) {
      return say(false, `${name}: npm refuses ${peers.join(' ')}`, String(error.stderr));
    }
    if (runs === undefined) return say(true, `${name}: ${peers.join(' ')}`);
    await copyFile(beside(runs), join(folder, runs));
    const { isWell, output } = await runIn(folder, process.execPath, ['--no-warnings', runs]);
    const ran = say(
      isWell && output.split('\n').at(-1)?.startsWith('well') === true,
      `${name}: ${peers.join(' ')}`,
      output,
    );
    if (types.length === 0) return ran;
    await writeFile(join(folder, 'app.tsx'), PAGE_APP);
    const compiled = await runIn(folder, process.execPath, COMPILER);
    return say(compiled.isWell, `${name}: types, with ${types.join(' ')}`, compiled.output) && ran;
  });

const wanted = process.argv[2] ?? '';
const passes = await inFolder('archive', async (folder) => {
  const archive = await packInto(folder);
  const results = [];
  for (const set of PEER_SETS.filter(({ name }) => name.includes(wanted)))
    results.push(await checkSet(archive, set));
  return results.every(Boolean);
});
process.exit(passes ? 0 : 1);
