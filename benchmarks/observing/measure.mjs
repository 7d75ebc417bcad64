/** One fresh process: CPU per durable command, and per live frame to one of 1,000 sockets. Prints them as JSON, in µs. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry } from 'prom-client';

const [partsPath, candidate, scale] = process.argv.slice(2);
const { createHub, memoryEngine, platformClock, ...more } = await import(partsPath);

const observersOf = {
  nobody: () => [],
  'an empty one': () => [{ record() {} }],
  Prometheus: () => [more.prometheusObserver({ registry: new Registry() })],
  'OpenTelemetry, no provider': () => [more.openTelemetryObserver()],
};
const observers = observersOf[candidate]();
const plain = memoryEngine();
// The hub of an earlier commit has no observers.
const observation = observers.length === 0 ? null : more.createObservation(observers, () => {});
const engine = observation === null ? plain : more.observeEngine(plain, observation, platformClock).engine;
const hub = createHub({
  engine,
  clock: platformClock,
  observation,
  handle: (command, { publish }) => publish(['ben'], { type: 'NEWS', text: command.message.text }),
  limits: {
    heartbeatMs: 14_000,
    presenceGraceMs: 3_000,
    maxPayloadBytes: 1024 * 1024,
    maxBufferedBytes: 8 * 1024 * 1024,
    maxSocketsPerUser: 16,
    maxCommandsPerSecond: Number.MAX_SAFE_INTEGER,
    windowCount: 32,
  },
  report() {},
});
const transport = {
  isOpen: true,
  send() {},
  sendAll: (_frames, flushed) => flushed && queueMicrotask(flushed),
  ping() {},
  close() {},
  terminate() {},
  bufferedBytes: 0,
};
const connect = async (userId) => {
  const session = hub.admit({ userId, position: '0', identify: async () => userId }, transport);
  session.receiveText('{"type":"RESUME","after":null}');
  await nextTurn();
  return session;
};
const cpuUs = () => process.cpuUsage().user + process.cpuUsage().system;
const measure = async (count, work) => {
  await work(Math.ceil(count / 5), 0); // warm
  const before = cpuUs();
  await work(count, Math.ceil(count / 5));
  return (cpuUs() - before) / count;
};

const ada = await connect('ada');
const crowd = Array.from({ length: 1_000 }, (_none, n) => `user-${n}`);
for (const userId of crowd) await connect(userId);
const commandUs = await measure(20_000 * scale, async (count, from) => {
  for (let n = from + 1; n <= from + count; n += 1) {
    ada.receiveText(`{"type":"SAY","text":"hello","clientId":"c","n":${n},"key":"k${n}"}`);
    if (n % 16 === 0) await nextTurn();
  }
  await ada.settled();
});
const frameUs = await measure(2_000_000 * scale, async (count) => {
  for (let n = 0; n < count / crowd.length; n += 1) {
    hub.publishVolatile(crowd, { type: 'LIVE', n });
    await nextTurn();
  }
});
console.log(JSON.stringify({ commandUs, frameUs }));
process.exit(0);
