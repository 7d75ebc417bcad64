import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { GROUPS_PAGE_COUNT, MESSAGES_PAGE_COUNT } from '../../app/contract/http-api.ts';
import { MAX_PIXELS } from '../../app/server/chat/image-size.ts';
import { REQUEST_PATIENCE } from '../../app/server/http/http-server.ts';
import { MAX_GROUP_SIZE_COUNT, MAX_GROUPS_OF_USER_COUNT } from '../../app/server/limits/invitation-limits.ts';
import { memoryEngine } from '../../src/gateway/engine/memory-engine.ts';
import { settleOptions } from '../../src/gateway/settle-options.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/security.md');
const count = (value: number): string => value.toLocaleString('en-US');

it('asks for a version of ws that bounds what one socket can pin', () => {
  const { peerDependencies } = JSON.parse(read('package.json')) as {
    peerDependencies: Record<string, string>;
  };
  expect(peerDependencies.ws).toMatch(/^\^8\.(?:2[3-9]|[3-9]\d)\.\d+$/);
});

it('says of the limits what the code says', () => {
  const gateway = settleOptions({
    server: { on() {}, off() {}, emit() {}, listenerCount: () => 0 },
    engine: memoryEngine(),
    authenticate: async () => null,
    allowedOrigins: [],
    handle() {},
  });
  expect(page).toContain(
    `${count(gateway.maxSockets)}, ${gateway.maxSocketsPerUser} and ${count(gateway.maxSocketsPerAddress)}; handshakes that wait ${count(gateway.maxPendingHandshakes)} and ${gateway.maxPendingHandshakesPerAddress}`,
  );
  expect(page).toContain(`${gateway.maxCommandsPerSecond} commands a second`);
  expect(page).toContain(`${gateway.maxPayloadBytes / 1024 / 1024} MiB a frame`);
  expect(page).toContain(`the heartbeat is ${gateway.heartbeatMs / 1000} s`);
  const { headersTimeout, requestTimeout } = REQUEST_PATIENCE;
  expect(page).toContain(`${headersTimeout / 1000} s for headers, ${requestTimeout / 1000} s in all`);
  expect(page).toContain(`1 MB and ${MAX_PIXELS / 1_000_000} million pixels a picture`);
  expect(page).toContain(`groups ${GROUPS_PAGE_COUNT}, messages ${MESSAGES_PAGE_COUNT}`);
  expect([MAX_GROUP_SIZE_COUNT, MAX_GROUPS_OF_USER_COUNT]).toEqual([100, 100]);
});

it('is linked from where people look', () => {
  for (const path of ['README.md', 'SECURITY.md', 'docs/anonymity.md', 'docs/decisions/app-server.md'])
    expect(read(path), path).toMatch(/\]\((?:docs\/|\.\.\/)?security\.md/);
  expect(read('README.md')).toContain('](SECURITY.md)');
});
