import { createConnection, type StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createVirtualClock } from 'statesocket/testing';
import * as v from 'valibot';
import { createRandom } from '../delivery/random.ts';
import { type HandSocket, handSocketClass } from '../hand-socket.ts';
import { mutate } from './mutate.ts';

/** What a client has made of frames that nobody sane would send. */
export interface ClientFuzz {
  frameCount: number;
  /** Messages that reached a listener. */
  deliveredCount: number;
  /** Sockets that the client gave up or closed because of them. */
  socketCount: number;
  /** Listeners got something else than an object with a string `type`. */
  strangeCount: number;
  /** The most errors that one frame led to; each code is reported once a frame. */
  mostErrors: number;
  /** The most frames that one frame was answered with. */
  mostAnswers: number;
  mostTimers: number;
  mostEntries: number;
  readonly codes: Set<string>;
}

const messages = v.variant('type', [
  v.looseObject({ type: v.literal('NEW_MESSAGE'), text: v.string() }),
  v.object({ type: v.literal('TYPING'), conversationId: v.string() }),
]);

const FRAMES_PER_CONNECTION = 2_000;

/** Frames of a server that are right, for a client that is at cursor `at`. */
const frames = (at: number, n: number, clientId: string): readonly object[] => [
  { type: 'WELCOME', ext: 'statesocket', v: 1, heartbeatMs: 14_000, window: 8 },
  { type: 'RESUMED', ok: true, last: `m${at}` },
  { type: 'RESUMED', ok: false, last: `m${at}` },
  { type: 'PRESENCE', online: ['ben', 'cleo'] },
  { type: 'NEW_MESSAGE', text: 'hello', id: `m${at + 1}`, prev: `m${at}` },
  { type: 'NEW_MESSAGE', text: 'hello', id: `m${at + 1}`, prev: `m${at}` },
  { type: 'TYPING', conversationId: 'c' },
  { type: 'RECEIPT', clientId, n, rejected: [] },
  { type: 'RECEIPT', clientId, n, rejected: [{ n, code: 'no' }] },
  { type: 'HEARTBEAT', last: `m${at}` },
  { type: 'HEARTBEAT' },
];

/** Tells one connection after the other mutated frames, on sockets that have negotiated and some that have not. */
export const fuzzClient = (seed: string, frameCount: number): ClientFuzz => {
  const random = createRandom(seed);
  const outcome: ClientFuzz = {
    frameCount: 0,
    deliveredCount: 0,
    socketCount: 0,
    strangeCount: 0,
    mostErrors: 0,
    mostAnswers: 0,
    mostTimers: 0,
    mostEntries: 0,
    codes: new Set(),
  };
  while (outcome.frameCount < frameCount)
    fuzzConnection(outcome, Math.min(FRAMES_PER_CONNECTION, frameCount - outcome.frameCount));
  return outcome;

  function fuzzConnection(tally: ClientFuzz, count: number): void {
    const clock = createVirtualClock();
    let socket: HandSocket | null = null;
    let answerCount = 0;
    let errors: StatesocketError[] = [];
    let clientId = 'nobody';
    let n = 1;
    const WebSocket = handSocketClass({
      dials(dialled) {
        socket = dialled;
        tally.socketCount += 1;
      },
      sends(_, data) {
        answerCount += 1;
        const sent = JSON.parse(String(data)) as { clientId?: string; n?: number };
        clientId = sent.clientId ?? clientId;
        n = sent.n ?? n;
      },
      closes(closed) {
        closed.closes({ code: 1006, reason: '', wasClean: false });
      },
    });
    const connection = createConnection({
      url: 'wss://test.example/{token}',
      getToken: () => 'token',
      WebSocket,
      clock,
      messages,
      ack: true,
      delivery: durableDelivery({ durable: ({ type }) => type === 'SEND', maxCount: 20 }),
    });
    connection.onError((error) => void errors.push(error));
    connection.on('NEW_MESSAGE', note);
    connection.on('TYPING', note);
    connection.on('PRESENCE', note);
    connection.onMessage(note);
    connection.onDiscontinuity(() => {
      if (random.chance(0.1)) throw new Error('The reload failed.');
    });
    function note(message: { type: string }): void {
      tally.deliveredCount += 1;
      if (typeof message !== 'object' || typeof message.type !== 'string' || 'polluted' in message)
        tally.strangeCount += 1;
      if (random.chance(0.01)) throw new Error('A listener threw.');
    }
    const dials = (): HandSocket => {
      if (connection.status === 'failed') connection.connect({ userId: 'ada' });
      for (let tries = 0; connection.status !== 'connecting' && tries < 50; tries += 1) clock.passes(10_000);
      if (socket === null) throw new Error(`The client does not dial: it is ${connection.status}.`);
      socket.opens();
      return socket;
    };

    connection.connect({ userId: 'ada' });
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      let current = socket as HandSocket | null;
      if (current === null || !current.isLive || connection.status !== 'open') {
        current = dials();
        if (random.chance(0.9)) {
          current.hears(JSON.stringify(frames(at, n, clientId)[0]));
          if (random.chance(0.9))
            current.hears(JSON.stringify({ type: 'RESUMED', ok: false, last: `m${at}` }));
        }
      }
      if (random.chance(0.1)) connection.send({ type: 'SEND', text: 'a' });
      const choice = frames(at, n, clientId);
      const isRight = random.chance(0.2);
      const frame = random.pick(choice);
      const text = isRight ? JSON.stringify(frame) : mutate(random, frame, random.pick(choice));
      if (isRight && 'prev' in frame) at += 1;
      answerCount = 0;
      errors = [];
      current.hears(text);
      tally.frameCount += 1;
      const codes = new Set(errors.map(({ code }) => code));
      for (const code of codes) tally.codes.add(code);
      tally.mostErrors = Math.max(tally.mostErrors, errors.length);
      tally.mostAnswers = Math.max(tally.mostAnswers, answerCount);
      tally.mostTimers = Math.max(tally.mostTimers, clock.timerCount);
      tally.mostEntries = Math.max(tally.mostEntries, connection.outbox.entries.length);
      if (random.chance(0.05)) clock.passes(random.pick([10, 300, 2_000, 15_000]));
    }
    connection.dispose();
  }
};
