import { memoryEngine } from '../../../src/gateway/index.ts';
import { type HubHarness, type Peer, settle, startHub } from '../../gateway/support/hub-harness.ts';
import { createRandom, type Random } from '../delivery/random.ts';
import { mutate } from './mutate.ts';

/** What a gateway has made of frames that nobody sane would send. */
export interface GatewayFuzz {
  frameCount: number;
  /** Commands that reached the app. */
  handledCount: number;
  /** Commands of another shape than an object with a string `type`, or with a name still on it. */
  strangeCount: number;
  /** How often a frame closed its socket, by code. */
  readonly closes: Map<number, number>;
  /** The most errors that one frame led to. */
  mostErrors: number;
  mostTimers: number;
  /** Sockets that were still counted after all had gone. */
  leftCount: number;
  readonly codes: Set<string>;
}

const FRAMES_PER_HUB = 2_000;

/** Frames of a client that are right. */
const frames = (random: Random, n: number): readonly object[] => {
  const key = `k${n}`;
  return [
    { type: 'RESUME', after: null },
    { type: 'RESUME', after: '0' },
    { type: 'SEND', text: 'hello', clientId: 'c1', n, key },
    { type: 'SEND', text: 'hello', clientId: 'c1', n, key },
    { type: 'SEND', text: 'again', clientId: 'c1', n: 1 + random.below(n), key: `k${1 + random.below(n)}` },
    { type: 'SKIP', clientId: 'c1', n, key },
    { type: 'ACK', messageId: `${n}` },
    { type: 'TYPING', conversationId: 'c' },
    { type: 'PING' },
  ];
};

/** Tells one gateway after the other mutated frames, on sockets that have negotiated and some that have not. */
export const fuzzGateway = async (seed: string, frameCount: number): Promise<GatewayFuzz> => {
  const random = createRandom(seed);
  const tally: GatewayFuzz = {
    frameCount: 0,
    handledCount: 0,
    strangeCount: 0,
    closes: new Map(),
    mostErrors: 0,
    mostTimers: 0,
    leftCount: 0,
    codes: new Set(),
  };
  while (tally.frameCount < frameCount) {
    await fuzzHub(random, tally, Math.min(FRAMES_PER_HUB, frameCount - tally.frameCount));
  }
  return tally;
};

const fuzzHub = async (random: Random, tally: GatewayFuzz, count: number): Promise<void> => {
  const harness: HubHarness = startHub({
    engine: memoryEngine({ retention: { maxCount: 100 } }),
    limits: { maxCommandsPerSecond: 1_000_000 },
    handle(command, { publish, reject }) {
      tally.handledCount += 1;
      if (command.kind !== 'message') return;
      const { message } = command;
      const isStrange = typeof message.type !== 'string' || 'polluted' in message || 'clientId' in message;
      if (isStrange) tally.strangeCount += 1;
      if (random.chance(0.01)) throw new Error('The app failed.');
      if (random.chance(0.05)) reject('no');
      else publish(['ada', 'ben'], { type: 'NEW_MESSAGE', text: 'hello' });
    },
  });
  let peer: Peer | null = null;
  let n = 1;
  const gone = (left: Peer): void => {
    left.cut();
    peer = null;
  };
  for (let index = 0; index < count; index += 1) {
    if (peer === null) {
      peer = await harness.connect('ada');
      await settle();
      if (random.chance(0.8)) await peer.resume(random.chance(0.5) ? null : '0');
    }
    const choice = frames(random, n);
    const frame = random.pick(choice);
    const errorCount = harness.errors.length;
    await peer.say(random.chance(0.2) ? JSON.stringify(frame) : mutate(random, frame, random.pick(choice)));
    n += 1;
    tally.frameCount += 1;
    tally.mostErrors = Math.max(tally.mostErrors, harness.errors.length - errorCount);
    tally.mostTimers = Math.max(tally.mostTimers, harness.clock.timerCount);
    const { closeCode } = peer;
    if (closeCode !== null) tally.closes.set(closeCode, (tally.closes.get(closeCode) ?? 0) + 1);
    if (closeCode !== null || random.chance(0.005)) gone(peer);
  }
  if (peer !== null) gone(peer);
  await settle();
  for (const code of harness.codes) tally.codes.add(code);
  tally.leftCount += harness.hub.connectionCount;
};
