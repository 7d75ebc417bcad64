import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of an app that has our package as it was built, its dependencies, and these peers alone. */
const appWith = (peers: readonly string[]): string => {
  const app = mkdtempSync(join(tmpdir(), 'statesocket-app-'));
  folders.push(app);
  const installed = join(app, 'node_modules');
  mkdirSync(join(installed, 'statesocket'), { recursive: true });
  for (const part of ['dist', 'package.json'])
    cpSync(join(root, part), join(installed, 'statesocket', part), { recursive: true });
  for (const name of [...Object.keys(packageJson.dependencies), ...peers]) {
    mkdirSync(dirname(join(installed, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(installed, name), 'junction');
  }
  return app;
};

const runIn = (app: string, code: string): string =>
  execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '--eval', code], {
    cwd: app,
    encoding: 'utf8',
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });

/** The table of entry points in the README: what each needs. What stands after a semicolon is for a part of it. */
const rows = readFileSync(join(root, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `statesocket'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', , needs = '']) => ({
    entry: name.replaceAll('`', ''),
    needs: needs.split(';')[0] ?? '',
    peers: (needs.split(';')[0]?.split(', ') ?? []).filter((peer) => peer in packageJson.peerDependencies),
  }));

describe('in an app that has what the README says an entry needs, and no other peer', () => {
  it('there are such entries', () => expect(rows.length).toBeGreaterThan(9));

  it.each(rows)('$entry can be imported with: $needs', ({ entry, peers }) => {
    const code = `console.log(Object.keys(await import('${entry}')).length > 0);`;
    expect(runIn(appWith(peers), code).trim()).toBe('true');
  });
});

const IN_A_BOT = `
import { configureStore } from '@reduxjs/toolkit';
import { createConnection } from 'statesocket';
import { bridgeToRedux, connectionSlice, useReduxBridge } from 'statesocket/redux';
const store = configureStore({ reducer: { [connectionSlice.name]: connectionSlice.reducer } });
const connection = createConnection({ url: 'ws://127.0.0.1:9', WebSocket: class { close() {} } });
const stop = bridgeToRedux(connection, store.dispatch, {});
connection.connect({ userId: 'bot' });
console.log(store.getState().connection.status, typeof useReduxBridge);
connection.dispose();
stop();
`;

const IN_A_RENDERING_SERVER = `
import { configureStore } from '@reduxjs/toolkit';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { Provider } from 'react-redux';
import { createConnection } from 'statesocket';
import { connectionSlice, useReduxBridge } from 'statesocket/redux';
const store = configureStore({ reducer: { [connectionSlice.name]: connectionSlice.reducer } });
const connection = createConnection({ url: 'ws://127.0.0.1:9' });
const Bridge = () => (useReduxBridge(connection, {}), createElement('p', null, 'bridged'));
console.log(renderToString(createElement(Provider, { store }, createElement(Bridge))));
try { renderToString(createElement(Bridge)); } catch ({ code }) { console.log(code); }
`;

const WITH_A_MISTAKE = `
import { createConnection } from 'statesocket';
const connection = createConnection({ url: 'ws://127.0.0.1:9', maxRetry: 3 });
const errors = [];
connection.onError((error) => errors.push(error));
const told = await new Promise((resolve) => setTimeout(() => resolve(errors[0].message)));
while (errors[0].message === told) await new Promise((resolve) => setTimeout(resolve, 5));
console.log(errors[0].message.slice(told.length));
`;

describe('a mistake in Node', () => {
  it('has its cure from the built package, as Node resolves it', () => {
    expect(runIn(appWith([]), WITH_A_MISTAKE).trim()).toBe('Did you mean maxRetries?');
  });
});

describe('statesocket/redux in Node', () => {
  it('bridges to a store where neither react nor react-redux is installed', () => {
    expect(runIn(appWith(['@reduxjs/toolkit']), IN_A_BOT).trim()).toBe('connecting function');
  });

  it('its hook renders with the React and the react-redux of the process', () => {
    const app = appWith(['@reduxjs/toolkit', 'react', 'react-dom', 'react-redux']);
    expect(runIn(app, IN_A_RENDERING_SERVER).trim().split('\n')).toEqual(['<p>bridged</p>', 'bad-option']);
  });
});
