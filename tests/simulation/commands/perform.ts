import { demand } from '../implementation.ts';
import { tokenOf } from './answers.ts';
import type { Command, Frame, Signal } from './command.ts';
import { frameData } from './frame-data.ts';
import type { World } from './world.ts';

/** Ticks in which all comes about that a promise of the app's can bring about: token, URL, socket. */
const SETTLING_TICKS = 8;

/** Lets promises act, and checks. */
export const settles = async (world: World): Promise<void> => {
  for (let tick = 0; tick < SETTLING_TICKS; tick += 1) await null;
  world.check();
};

/** Fires what is due, each timer in a task of its own. */
const firesUntil = async (world: World, until: number): Promise<void> => {
  const { clock, calls } = world;
  for (let next = clock.next; next !== null && next.dueAt <= until; next = clock.next) {
    const timer = next;
    calls.inChart(() => clock.fires(timer));
    await settles(world);
  }
};

const passes = async (world: World, ms: number): Promise<void> => {
  const until = world.clock.now() + ms;
  await firesUntil(world, until);
  world.clock.jumpsTo(until);
  world.model.check();
};

const sleeps = async (world: World, { ms, first }: Extract<Command, { does: 'sleep' }>): Promise<void> => {
  const { answers, clock, model, settings } = world;
  // A clock that does not move notices no sleep: its timers are on time.
  if (settings.clock !== 'right') return passes(world, ms);
  model.fallsAsleep();
  clock.jumpsTo(clock.now() + ms);
  if (first === 'an answer') {
    answers.held.pop()?.settles('value');
    await settles(world);
  }
  await firesUntil(world, clock.now());
  model.wakesUp();
  model.check();
};

const opens = ({ line, model, calls }: World): void => {
  const at = line.current();
  if (at === null || at.socket.readyState > 1) return;
  model.opens(at.attempt);
  calls.inChart(() => at.socket.opens());
};

const closes = (world: World, { code, wasClean, quotesToken }: Extract<Command, { does: 'close' }>): void => {
  const { line, model, calls, settings } = world;
  const at = line.current();
  if (at === null) return;
  model.closes.closed(code);
  const quotes = quotesToken && settings.asks === 'token and url';
  model.happens({ type: 'socket.closed', code, reason: quotes ? 'no [token]' : 'no', wasClean }, at.attempt);
  calls.inChart(() =>
    at.socket.closes({ code, reason: quotes ? `no ${tokenOf(at.attempt)}` : 'no', wasClean }),
  );
};

const hears = (world: World, frame: Frame): void => {
  const { line, model, moment, inbox, listeners } = world;
  const at = line.current();
  if (at === null || !model.isOpen) return;
  const { attempt, socket } = at;
  const serial = world.nextSerial();
  const isWritable = socket.readyState === 1;
  const awaitsAnswer = line.awaitsAnswerOf(attempt);
  model.hears(attempt);
  const { cutAt, extras, promisedAt } = listeners.takes(attempt, () =>
    socket.hears(frameData(frame, serial)),
  );
  const taken = inbox.takes(frame, {
    attempt,
    now: world.clock.now(),
    promisedAt,
    serial,
    cutAt,
    isWritable,
    awaitsAnswer,
    extras,
    sendThrows: line.fault === 'send throws',
  });
  const log = moment.log.splice(0);
  demand(log.join() === taken.log.join(), 'inbox', () => `[${log}] where [${taken.log}] is due`);
  for (const code of taken.codes) moment.expects(code);
  if (taken.isAnswer) line.wasAnswered();
  model.hearsHeartbeats(taken.heartbeatCount, attempt);
  if (log.length > 0) moment.counts('a frame is heard');
  if (log.some((entry) => entry.startsWith('ack'))) moment.counts('a frame is acknowledged');
  if (cutAt <= log.length) moment.counts('a frame is cut short');
  if (log.includes('told of a bad id')) moment.counts('a bad id is told of');
  if (extras(0) !== extras(log.length)) moment.counts('listeners come and go within a frame');
};

/** What a listener has promised is done, or failed: its message is acknowledged, on the socket that has brought it last. */
const fulfils = async (world: World, how: 'value' | 'rejects'): Promise<void> => {
  const { calls, inbox, line, model, moment } = world;
  if (calls.promiseCount === 0) return;
  const acknowledged = inbox.fulfils();
  if (how === 'rejects') moment.expects('listener-failed');
  calls.fulfils(how);
  for (let tick = 0; tick < SETTLING_TICKS; tick += 1) await null;
  const at = line.current();
  const isHeard = acknowledged !== null && model.isOpen && acknowledged.attempt === at?.attempt;
  const wanted = isHeard && at.socket.readyState === 1 ? [`ack ${JSON.stringify(acknowledged.id)}`] : [];
  const log = moment.log.splice(0);
  demand(log.join() === wanted.join(), 'I6', () => `[${log}] where [${wanted}] is due`);
  if (log.length > 0) moment.counts('a promise is acknowledged');
};

/** Nobody lets so much time pass that a promise is not waited for any more: the model does not know that timer. */
const fulfilsAll = async (world: World): Promise<void> => {
  while (world.calls.promiseCount > 0) {
    await fulfils(world, 'value');
    await settles(world);
  }
};

const comesLate = ({ line, moment }: World, { nth, what }: Extract<Command, { does: 'late' }>): void => {
  const current = line.current();
  const socket = line.sockets.filter((each) => each !== current).at(-1 - nth)?.socket;
  if (socket === undefined) return;
  moment.counts('a late event');
  const { closeCount, onopen, onmessage, onerror, onclose } = socket;
  const isHeard = [onopen, onmessage, onerror, onclose].every((handler) => handler !== null);
  demand(isHeard, 'I16', () => 'nobody hears a socket that is over: its error would end a Node process');
  if (what === 'open') {
    socket.opens();
    demand(socket.closeCount > closeCount, 'I1', () => 'a socket that opens when it is over is not closed');
  } else if (what === 'frame') socket.hears('{"type":"A","id":1,"serial":"late"}');
  else if (what === 'error') socket.errs();
  else socket.closes({ code: 4403, reason: 'late', wasClean: true });
};

const SIGNALS: Readonly<
  Record<Signal, { readonly type: string; readonly persisted?: boolean; readonly means: string | null }>
> = {
  offline: { type: 'offline', means: 'network.lost' },
  online: { type: 'online', means: 'network.restored' },
  focus: { type: 'focus', means: 'page.shown' },
  shown: { type: 'visibilitychange', means: 'page.shown' },
  hidden: { type: 'visibilitychange', means: null },
  pagehide: { type: 'pagehide', persisted: true, means: 'page.suspended' },
  'pagehide for good': { type: 'pagehide', persisted: false, means: null },
  pageshow: { type: 'pageshow', persisted: true, means: 'page.resumed' },
  'first pageshow': { type: 'pageshow', persisted: false, means: null },
  freeze: { type: 'freeze', means: 'page.suspended' },
  resume: { type: 'resume', means: 'page.resumed' },
};
const OF_DOCUMENT = ['visibilitychange', 'freeze', 'resume'];

const signals = ({ page, model, calls }: World, signal: Signal): void => {
  const { type, persisted, means } = SIGNALS[signal];
  page.document.visibilityState = signal === 'hidden' ? 'hidden' : 'visible';
  if (means !== null) model.happens({ type: means });
  const target = OF_DOCUMENT.includes(type) ? page.document : page.window;
  calls.inChart(() => target.fires(type, persisted === undefined ? {} : { persisted }));
};

const sends = (world: World, what: 'message' | 'bytes' | 'a circle'): void => {
  const { connection, line, model, moment } = world;
  const circle: { type: string; self?: object } = { type: 'CHAT' };
  circle.self = circle;
  const isHeard = what !== 'a circle' && model.isOpen && line.current()?.socket.readyState === 1;
  if (what === 'a circle') moment.expects('message-not-serialisable');
  else if (model.isDisposed) moment.expects('disposed');
  else if (!isHeard) moment.expects('not-connected');
  if (what !== 'a circle' && !isHeard) model.closes.isSeen();
  const wanted = isHeard && line.fault !== 'send throws' ? 'sent' : 'refused';
  const answer =
    what === 'bytes'
      ? connection.sendBinary(new Uint8Array(2))
      : connection.send(what === 'message' ? { type: 'CHAT' } : circle);
  const log = moment.log.splice(0).join();
  const heard = isHeard ? `the server gets ${what === 'bytes' ? 'bytes' : 'CHAT'}` : '';
  demand(
    answer === wanted && log === heard,
    'send',
    () => `${answer} [${log}] where ${wanted} [${heard}] is due`,
  );
  moment.counts(`send answers ${answer}`);
};

/** What `recover` stands for, before the promises that are held. */
const RECOVERY: readonly Command[] = [
  { does: 'answer', who: 'getToken', how: 'value' },
  { does: 'answer', who: 'url', how: 'value' },
  { does: 'line', fault: 'none' },
  { does: 'wish', wish: 'connect', userId: 'ada' },
];

/** Makes one command come true, on the model first. What it finds no place for does nothing. */
export const performs = async (world: World, command: Command): Promise<void> => {
  const { answers, calls, line, listeners, model, moment } = world;
  switch (command.does) {
    case 'wish':
      calls.wishes(command);
      break;
    case 'arm':
      calls.arms(command.at, command.to);
      break;
    case 'answer':
      answers.from(command.who, command.how);
      break;
    case 'settle': {
      const [answer] = answers.held.splice(-1 - command.nth, 1);
      if (answer !== undefined && answer.attempt !== model.attempt) moment.counts('a late answer');
      answer?.settles(command.how);
      break;
    }
    case 'line':
      line.has(command.fault);
      break;
    case 'recover':
      for (const next of RECOVERY) await performs(world, next);
      while (answers.held.length > 0) await performs(world, { does: 'settle', nth: 0, how: 'value' });
      opens(world);
      break;
    case 'open':
      opens(world);
      break;
    case 'half-close': {
      const at = line.current();
      if (at === null || !model.isOpen) break;
      at.socket.readyState = 2;
      model.closes.begins();
      break;
    }
    case 'err': {
      const at = line.current();
      if (at !== null) moment.expects('socket-error');
      at?.socket.errs();
      break;
    }
    case 'close':
      closes(world, command);
      break;
    case 'frame':
      hears(world, command.frame);
      break;
    case 'late':
      comesLate(world, command);
      break;
    case 'signal':
      signals(world, command.signal);
      break;
    case 'fulfil':
      await fulfils(world, command.how);
      break;
    case 'pass':
      await fulfilsAll(world);
      await passes(world, command.ms);
      break;
    case 'pass on':
      await fulfilsAll(world);
      if (world.clock.next !== null) await passes(world, world.clock.next.dueAt - world.clock.now());
      break;
    case 'sleep':
      await fulfilsAll(world);
      await sleeps(world, command);
      break;
    case 'send':
      sends(world, command.what);
      break;
    case 'listen':
      listeners.extra('listen');
      break;
    case 'unlisten':
      listeners.extra('unlisten');
      break;
  }
  await settles(world);
  moment.counts(`it is ${world.connection.status}`);
};
