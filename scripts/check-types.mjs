/**
 * `npm run check:types`: the declarations of the packed package, on every TypeScript that we promise, with
 * `skipLibCheck: false`, as a bundler resolves them and as Node does. Needs npm's registry.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entryPoints, inFolder, installIn, packInto, runIn } from './packed-package.mjs';

const VERSIONS = ['5.4', '5.6', '5.8', '6.0'];
const PEERS = [
  '@reduxjs/toolkit@2',
  '@statelyai/inspect@0.7',
  '@types/node@20',
  '@types/react@19',
  '@types/ws@8',
  '@xstate/react@6',
  'libsql@0.5',
  'pg@8',
  'react@19',
  'react-redux@9',
  'react-toastify@11',
  'redis@6',
  'ws@8',
];
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };
const NODE = { module: 'nodenext', moduleResolution: 'nodenext' };
const OPTIONS = {
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  jsx: 'react-jsx',
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
  types: ['node'],
};

const APP = `
import { createConnection, type Connection } from 'statesocket';
import { type DeliverySettings, durableDelivery, type OutboxStore } from 'statesocket/delivery';
import { ConnectionProvider, useConnectionStatus, useMessage } from 'statesocket/react';
import { bridgeToRedux, useReduxBridge } from 'statesocket/redux';
type ServerMessage = { type: 'TYPING'; conversationId: string } | { type: 'CHAT'; text: string };
declare module 'statesocket/react' {
  interface Register {
    message: ServerMessage;
  }
}
declare const connection: Connection<ServerMessage>;
connection.sendBinary(new Uint8Array(8));
createConnection({ url: 'wss://example.org', WebSocket }).dispose();
declare const storage: OutboxStore;
const settings: DeliverySettings = { durable: ({ type }) => type === 'CHAT', storage, server: 'statesocket', maxCount: 10 };
const durable = createConnection<ServerMessage>({ url: 'wss://example.org', delivery: durableDelivery(settings) });
for (const { state, retry } of durable.outbox.entries.map(({ state, key }) => ({ state, retry: () => durable.outbox.retry(key) })))
  if (state === 'failed') retry();
// @ts-expect-error delivery is made by a function
createConnection({ url: 'wss://example.org', delivery: { durable: () => true } });
// @ts-expect-error there is no such setting
durableDelivery({ durables: () => true });
bridgeToRedux(connection, (action: { type: string }) => action, { CHAT: (messages) => messages.map(({ text }) => ({ type: text })) });
export const App = () => {
  useMessage('TYPING', ({ conversationId }) => conversationId.length);
  // @ts-expect-error there is no such message
  useMessage('NONE', () => {});
  useReduxBridge(connection, { CHAT: () => [] });
  return <ConnectionProvider connection={connection} userId={null}>{useConnectionStatus()}</ConnectionProvider>;
};
`;

/** Lines that are ours to fix: with `exactOptionalPropertyTypes` the declarations of some peers have faults of their own. */
const ours = (output) => output.split('\n').filter((line) => /^(?:app|entries)|statesocket\/dist/.test(line));

const check = async (folder, version, resolution, isExact) => {
  const config = {
    compilerOptions: { ...OPTIONS, ...resolution, exactOptionalPropertyTypes: isExact },
    files: ['app.tsx', 'entries.ts'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { isWell, output } = await runIn(folder, process.execPath, [
    `node_modules/typescript-${version}/bin/tsc`,
  ]);
  const faults = isExact ? ours(output) : isWell ? [] : output.split('\n');
  const how = `TypeScript ${version}, ${resolution.moduleResolution}${isExact ? ', exactOptionalPropertyTypes' : ''}`;
  console.log(`${faults.length === 0 ? 'passes' : 'FAILS '}  ${how}`);
  for (const line of faults) console.log(`        ${line}`);
  return faults.length === 0;
};

const passes = await inFolder('types', async (folder) => {
  const archive = await packInto(folder);
  await installIn(folder, [
    archive,
    ...PEERS,
    ...VERSIONS.map((version) => `typescript-${version}@npm:typescript@~${version}.0`),
  ]);
  const entries = (await entryPoints()).map((name, n) => `export * as entry${n} from '${name}';\n`);
  await writeFile(join(folder, 'entries.ts'), entries.join(''));
  await writeFile(join(folder, 'app.tsx'), APP);
  const results = [];
  for (const version of VERSIONS) {
    results.push(await check(folder, version, BUNDLER, false));
    results.push(await check(folder, version, NODE, false));
    results.push(await check(folder, version, BUNDLER, true));
  }
  return results.every(Boolean);
});
process.exit(passes ? 0 : 1);
