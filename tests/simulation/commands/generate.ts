import fc from 'fast-check';
import type { Answer, CallPoint, Command, Frame, Member, Settings, Signal, Wish } from './command.ts';

export const settings: fc.Arbitrary<Settings> = fc.record({
  asks: fc.constantFrom('token and url', 'url', 'nothing'),
  heartbeat: fc.constantFrom('by habit', 'off', 'asserted', 'asked'),
  maxRetries: fc.constantFrom(20, 0, 1, 2),
  stableAfterMs: fc.constantFrom(5_000, 0),
  stepMs: fc.constantFrom(100, 10_000),
  spreadMs: fc.constantFrom(2_000, 0),
  clock: fc.constantFrom('right', 'right', 'right', 'right', 'stands still', 'runs back', 'is NaN', 'throws'),
  acks: fc.constantFrom(true, false),
  hearsAll: fc.constantFrom(false, true),
  online: fc.constantFrom(true, false),
});

/** Each row of the close table, what `classifyClose` has a word on (policy.ts), and what nobody knows. Restarts are more often. */
const CLOSE_CODES = [
  1000, 1012, 1012, 1001, 1005, 1006, 1008, 1009, 1013, 1013, 4400, 4401, 4403, 4408, 4409, 4429, 4100, 4101,
  4102, 4103, 4104, 1011, 4999, 0, -1,
];

const member: fc.Arbitrary<Member> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ is: fc.constantFrom('A', 'B', 'unheard'), id: fc.constantFrom(1, '1', 2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constantFrom('A', 'B', 'unheard', 'ERROR'),
      id: fc.constantFrom('', 2 ** 53, 1.5, null, { not: 'an id' } as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('ERROR'), id: fc.constantFrom(3, 4, 5) }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constantFrom('A', 'B', 'unheard') }) },
  { weight: 3, arbitrary: fc.constant<Member>({ is: 'HEARTBEAT' }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('nested', 'untyped', 'binary') }) },
);
const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ of: fc.constant('one'), members: fc.tuple(member) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      of: fc.constantFrom('array', 'batch'),
      members: fc.array(member, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ of: fc.constantFrom('bytes', 'blob', 'text', 'poison') }) },
);

const connect = fc.record({ wish: fc.constant('connect'), userId: fc.constantFrom('ada', 'ben') });
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 20, arbitrary: connect },
  { weight: 15, arbitrary: fc.record({ wish: fc.constantFrom('retry', 'disconnect', 'logout') }) },
  { weight: 1, arbitrary: fc.record({ wish: fc.constant('dispose') }) },
);

const callPoint = fc.constantFrom<CallPoint[]>(
  'message listener',
  'subscriber',
  'onError listener',
  'getToken',
  'url',
  'WebSocket',
  'backoff',
  'classifyClose',
  'ping',
);
/** What throws elsewhere is an answer of its own, or asks for a default that the model does not know. */
const throwing = fc.constantFrom<CallPoint[]>('message listener', 'subscriber', 'onError listener', 'ping');

const answer = fc.constantFrom<Answer[]>(
  'value',
  'value',
  'value soon',
  'held',
  'held',
  'null',
  'null soon',
  'throws',
  'rejects',
);

const does = <D extends Command['does']>(name: D) => fc.constant(name);

/** Sockets that open and time that passes are most of a life: without them little else can happen. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ does: does('open') }) },
  { weight: 10, arbitrary: fc.record({ does: does('recover') }) },
  { weight: 8, arbitrary: connect.map((to): Command => ({ does: 'wish', ...to })) },
  { weight: 4, arbitrary: wish.map((to): Command => ({ does: 'wish', ...to })) },
  {
    weight: 10,
    arbitrary: fc.record({
      does: does('close'),
      code: fc.constantFrom(...CLOSE_CODES),
      wasClean: fc.boolean(),
      quotesToken: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constant<Command>({ does: 'close', code: 1006, wasClean: false, quotesToken: false }),
  },
  { weight: 20, arbitrary: fc.record({ does: does('frame'), frame }) },
  { weight: 10, arbitrary: fc.record({ does: does('pass on') }) },
  {
    weight: 8,
    arbitrary: fc.record({
      does: does('pass'),
      ms: fc.constantFrom(5_000, 10, 500, 1_000, 3_000, 10_000, 14_000, 16_000, 30_000, 71_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: does('sleep'),
      ms: fc.constantFrom(500, 1_500, 6_000, 21_000, 65_000, 3_600_000),
      first: fc.constantFrom('nothing', 'an answer'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      does: does('signal'),
      signal: fc.constantFrom<Signal[]>(
        'offline',
        'online',
        'online',
        'focus',
        'shown',
        'hidden',
        'pagehide',
        'pagehide for good',
        'pageshow',
        'first pageshow',
        'freeze',
        'resume',
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ does: does('answer'), who: fc.constantFrom('getToken', 'url'), how: answer }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: does('settle'),
      nth: fc.constantFrom(0, 0, 0, 1, 2),
      how: fc.constantFrom('value', 'value', 'null', 'rejects'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ does: does('arm'), at: callPoint, to: wish }) },
  { weight: 2, arbitrary: fc.record({ does: does('arm'), at: throwing, to: fc.constant('throw') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: does('arm'),
      at: fc.constant('message listener'),
      to: fc.constantFrom('listen', 'unlisten', 'promise', 'promise'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: does('late'),
      nth: fc.constantFrom(0, 0, 1, 2),
      what: fc.constantFrom('open', 'frame', 'error', 'close'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: does('send'), what: fc.constantFrom('message', 'bytes', 'a circle') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: does('line'),
      fault: fc.constantFrom('none', 'none', 'no socket', 'send throws', 'close throws', 'close echoes'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('listen', 'unlisten') }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: does('fulfil'), how: fc.constantFrom('value', 'value', 'rejects') }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('half-close', 'err') }) },
);
