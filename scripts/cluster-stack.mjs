/** The servers of `npm run cluster`, in a process group of their own. Takes them down when it is told to, or when who started it is gone. */
import { startRedis } from './redis.mjs';
import { startCluster } from './start-cluster.mjs';

const port = Number(process.argv[2]);
let isStopping = false;
let cluster = null;

const finish = async () => {
  await cluster?.close();
  process.exit(0);
};
const stop = () => {
  if (isStopping) return;
  isStopping = true;
  // One that still starts is taken down when it has.
  if (cluster !== null) void finish();
};
process.on('message', stop);
process.on('disconnect', stop);

/** What the first server has printed of how to sign in. */
const signInOf = ({ nodes }) =>
  nodes[0]
    .output()
    .split('\n')
    .filter((line) => /Sign in as|@demo\.test/.test(line))
    .join('\n');

const describe = (running) =>
  [
    '',
    `RednGift's cluster is running at ${running.url}`,
    signInOf(running),
    `  Behind that address, each of these serves whoever comes. End one and watch, and the others go on:`,
    ...running.nodes.map(
      ({ name, port: at, pid, opsUrl }) => `    server ${name}: port ${at}, kill ${pid}, ${opsUrl}/metrics`,
    ),
    `  Rows are kept in ${running.postgres.url()}, and the logs ${running.redis === null ? 'too' : `in ${running.redis.url}`}.`,
    '  All of it is thrown away at the end. Press Ctrl-C to take it down.',
    '',
  ].join('\n');

try {
  cluster = await startCluster({ port, startRedis, say: (line) => console.info(line) });
  if (isStopping) await finish();
  console.info(describe(cluster));
} catch (error) {
  if (!isStopping) console.error(`The cluster could not be started. ${error.message}`);
  process.exit(isStopping ? 0 : 1);
}
