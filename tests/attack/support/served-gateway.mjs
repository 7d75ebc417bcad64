// A gateway in a process of its own: what its loop and its memory do is not what the test's do. Says its port, and how it is when asked.
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const source = fileURLToPath(new URL('../../../src/gateway/index.ts', import.meta.url));
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const server = createServer();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let commandCount = 0;
module.createGateway({
  server,
  engine: module.memoryEngine(),
  authenticate: async (token) => ({ userId: token }),
  allowedOrigins: [],
  handle() {
    commandCount += 1;
  },
  onError() {},
  ...JSON.parse(process.argv[2] ?? '{}'),
});
process.on('message', async () => {
  // Twice: buffers are freed beside the first collection.
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send({
    commandCount,
    longestBlockMs: delay.max / 1e6,
    heldBytes: heapUsed + external,
    rss,
  });
  delay.reset();
  commandCount = 0;
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
