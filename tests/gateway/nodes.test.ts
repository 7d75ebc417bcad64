import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { memoryEngine } from '../../src/gateway/index.ts';
import { bytesOf, type NodeSignal, readSignal, signalText } from '../../src/gateway/nodes/node-signals.ts';
import { command, type Peer, passOnToBert, settle, startHub } from './support/hub-harness.ts';

const AUDIENCE = { watchers: () => ['anna', 'bert', 'cleo'], watched: () => ['anna', 'bert', 'cleo'] };

/** Two gateways over one engine, as two processes have it. */
const startTwo = (options: Parameters<typeof startHub>[0] = {}) => {
  const engine = memoryEngine();
  const clock = createVirtualClock();
  const start = () => startHub({ engine, clock, presence: AUDIENCE, ...options });
  const [one, two] = [start(), start()];
  return {
    one,
    two,
    clock,
    /** A page that has said RESUME. */
    async open({ connect }: typeof one, userId: string): Promise<Peer> {
      const peer = await connect(userId);
      await peer.resume(null);
      return peer;
    },
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 500) {
        clock.passes(Math.min(left, 500));
        await settle();
      }
    },
  };
};

describe('two gateways over one engine', () => {
  it('bring a command of a user at one to a user at the other', async () => {
    const { one, two, open } = startTwo({ handle: passOnToBert() });
    const [anna, bert] = [await open(one, 'anna'), await open(two, 'bert')];
    await anna.say(command('page', 1, { text: 'hello' }));
    await settle();
    expect(bert.of('NEW_MESSAGE')).toMatchObject([{ text: 'hello' }]);
    expect(anna.of('RECEIPT')).toMatchObject([{ n: 1, rejected: [] }]);
  });

  it('bring what is volatile and binary to the sockets of both, each once and in order', async () => {
    const { one, two, open } = startTwo();
    const peers = [await open(one, 'anna'), await open(two, 'anna'), await open(two, 'bert')];
    for (let n = 1; n <= 3; n += 1) one.hub.publishVolatile(['anna', 'bert'], { type: 'TYPING', at: n });
    one.hub.publishBinary(['bert'], new Uint8Array([1, 2, 3]).subarray(1));
    await settle();
    for (const peer of peers) expect(peer.of('TYPING').map(({ at }) => at)).toEqual([1, 2, 3]);
    expect(peers.map(({ transport }) => transport.log.includes('binary 2'))).toEqual([false, false, true]);
  });

  it('bring what a handler says live to users of the other', async () => {
    const { one, two, open } = startTwo({
      handle: (_command, { publishVolatile }) => publishVolatile(['bert'], { type: 'TYPING' }),
    });
    const [anna, bert] = [await open(one, 'anna'), await open(two, 'bert')];
    await anna.say({ type: 'I_TYPE' });
    await settle();
    expect(bert.of('TYPING')).toHaveLength(1);
  });

  it('tell of a user at one who comes and goes, and show who is at either', async () => {
    const { one, two, open, pass } = startTwo();
    const anna = await open(one, 'anna');
    const bert = await open(two, 'bert');
    expect(anna.of('USER_ONLINE')).toEqual([{ type: 'USER_ONLINE', userId: 'bert' }]);
    expect(bert.of('PRESENCE')).toEqual([{ type: 'PRESENCE', online: ['anna', 'bert'] }]);
    anna.cut();
    await pass(2_500);
    expect(bert.of('USER_OFFLINE')).toEqual([]);
    await pass(1_000);
    expect(bert.of('USER_OFFLINE')).toEqual([{ type: 'USER_OFFLINE', userId: 'anna' }]);
    expect(await one.hub.findOnline(['anna', 'bert'])).toEqual(['bert']);
  });

  it('take a user who has a socket at each for online until the last is gone, and say it once', async () => {
    const { one, two, open, pass } = startTwo();
    const watcher = await open(one, 'cleo');
    const bert = [await open(one, 'bert'), await open(two, 'bert')];
    bert[0]?.cut();
    await pass(10_000);
    expect(watcher.of('USER_ONLINE')).toHaveLength(1);
    expect(watcher.of('USER_OFFLINE')).toEqual([]);
    expect(one.hub.isOnline('bert')).toBe(false);
    expect(await one.hub.findOnline(['bert'])).toEqual(['bert']);
    bert[1]?.cut();
    await pass(3_500);
    expect(watcher.of('USER_OFFLINE')).toHaveLength(1);
  });

  it('do not flicker when a page comes back at the other', async () => {
    const { one, two, open, pass } = startTwo();
    const watcher = await open(two, 'cleo');
    const page = await open(one, 'bert');
    page.cut();
    await pass(1_000);
    await open(two, 'bert');
    await pass(10_000);
    expect(watcher.of('USER_ONLINE')).toHaveLength(1);
    expect(watcher.of('USER_OFFLINE')).toEqual([]);
  });

  it('close the sockets of a user at both, with the same words', async () => {
    const { one, two, open } = startTwo();
    const peers = [await open(one, 'anna'), await open(two, 'anna'), await open(two, 'bert')];
    one.hub.disconnectUser('anna', 4401, 'signed out');
    await settle();
    expect(peers.map(({ closeCode }) => closeCode)).toEqual([4401, 4401, null]);
    expect(peers[1]?.transport.log).toContain('close 4401 signed out');
  });

  it('tell of users who were at one that has shut down', async () => {
    const { one, two, open } = startTwo();
    await open(one, 'anna');
    const bert = await open(two, 'bert');
    await one.hub.drain();
    await settle();
    expect(bert.of('USER_OFFLINE')).toEqual([{ type: 'USER_OFFLINE', userId: 'anna' }]);
  });

  it('let dead sockets at one give way to a page at the other, when there are too many together', async () => {
    const { one, two, open, pass } = startTwo({ limits: { maxSocketsPerUser: 4 } });
    const zombies = [await open(one, 'anna'), await open(one, 'anna')];
    const living = [await open(one, 'anna'), await open(two, 'anna')];
    for (const zombie of zombies) zombie.die();
    const page = await open(two, 'anna');
    await pass(5_000);
    expect(zombies.map(({ closeCode }) => closeCode)).toEqual([4429, 4429]);
    expect([...living, page].map(({ closeCode }) => closeCode)).toEqual([null, null, null]);
  });

  it('refuse one more where all sockets of the user at both are alive', async () => {
    const { one, two, open, pass } = startTwo({ limits: { maxSocketsPerUser: 2 } });
    const living = [await open(one, 'anna'), await open(two, 'anna')];
    const page = await open(two, 'anna');
    await pass(5_000);
    expect(living.map(({ closeCode }) => closeCode)).toEqual([null, null]);
    expect(page.closeCode).toBe(4429);
  });

  it('leave no timer when both have shut down (I10)', async () => {
    const { one, two, open, clock, pass } = startTwo({ limits: { maxSocketsPerUser: 1 } });
    await open(one, 'anna');
    await open(two, 'anna');
    await pass(500);
    await Promise.all([one.hub.drain(), two.hub.drain()]);
    await settle();
    expect(clock.timerCount).toBe(0);
  });
});

describe('a gateway whose engine lets nodes speak, and fails', () => {
  const broken = () => {
    const engine = memoryEngine();
    const fail = () => Promise.reject(new Error('The store is gone.'));
    return {
      ...engine,
      openChannel: () => ({
        say() {
          throw new Error('The store is gone.');
        },
        place: fail,
        online: fail,
        close: fail,
      }),
    };
  };

  it('goes on with what it knows itself, and reports it', async () => {
    const harness = startHub({ engine: broken(), presence: AUDIENCE });
    const { hub, connect } = harness;
    const anna = await connect('anna');
    await anna.resume(null);
    const bert = await connect('bert');
    await bert.resume(null);
    hub.publishVolatile(['anna'], { type: 'TYPING' });
    await settle();
    expect(anna.of('USER_ONLINE')).toEqual([{ type: 'USER_ONLINE', userId: 'bert' }]);
    expect(anna.of('TYPING')).toHaveLength(1);
    expect(new Set(harness.codes)).toEqual(new Set(['engine-failed']));
  });

  it('is alone where its channel cannot be opened', async () => {
    const engine = {
      ...memoryEngine(),
      openChannel() {
        throw new Error('The store is gone.');
      },
    };
    const harness = startHub({ engine });
    const { hub, connect } = harness;
    await connect('anna');
    await settle();
    expect(await hub.findOnline(['anna', 'bert'])).toEqual(['anna']);
    expect(harness.codes).toEqual(['engine-failed']);
  });
});

it.each([
  'no JSON',
  'null',
  '[]',
  '{"says":"unheard of"}',
  '{"says":"close","code":"4401","reason":"x"}',
  '{"says":"close","code":4401}',
  '{"says":"text"}',
  '{"says":"binary","text":"x"}',
  '{"says":"presence","of":5}',
  '{"text":"x","data":"x","code":4401,"reason":"x","of":"x"}',
  '"crowded"',
])('a word of another version (%s) is passed over', (text) => {
  expect(readSignal(text)).toBeNull();
});

it.each<NodeSignal>([
  { says: 'text', text: '{}' },
  { says: 'binary', data: 'AAE=' },
  { says: 'close', code: 4401, reason: '' },
  { says: 'presence', of: 'anna' },
  { says: 'crowded' },
])('a word that one node says is understood at the other: $says', (signal) => {
  expect(readSignal(signalText(signal))).toEqual(signal);
});

it('a part of a buffer is said as that part', () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  expect([...bytesOf(bytes.subarray(1, 3))]).toEqual([2, 3]);
  expect([...bytesOf(bytes.buffer)]).toEqual([1, 2, 3, 4]);
});
