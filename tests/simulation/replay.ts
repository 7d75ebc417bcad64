import { type Connection, createConnection, type WireMessage } from 'statesocket';
import { vi } from 'vitest';
import { createTimerLine } from '../../src/testing/timer-line.ts';
import { createStandInPage } from '../actors/support/stand-in-page.ts';
import type { Move } from './adversary.ts';
import { type HandSocket, handSocketClass } from './hand-socket.ts';
import { demand } from './implementation.ts';
import { APP_VERDICTS, timersOf } from './policy.ts';
import { REAL, type SearchConstants, situationOf } from './search.ts';

const REFUND_MS = 70_000;
/** How long a server that was heard twice may be silent, with the slack and the time to answer. */
const SILENCE_MS = 20_000;
const SETTLING_TICKS = 8;

const SIGNALS: Readonly<Record<string, readonly ['window' | 'document', string]>> = {
  'network.lost': ['window', 'offline'],
  'network.restored': ['window', 'online'],
  'page.shown': ['window', 'focus'],
  'page.suspended': ['document', 'freeze'],
  'page.resumed': ['document', 'resume'],
};

/** What an attempt waits for at the app, and how the test lets it end. */
interface Asked {
  readonly who: 'token' | 'url';
  readonly signal: AbortSignal;
  answers(text: string | null): void;
  fails(): void;
}

/** Where the attempt must wait so that this can be what happens to it. */
const WAITS_AT: Readonly<Record<string, Asked['who']>> = {
  'token.missing': 'token',
  'attempt.failed (token)': 'token',
  'attempt.failed (url)': 'url',
  'socket.impossible': 'url',
};

/**
 * A connection that is led along ways of the search. Time stands still, and the test fires the timers, as the search does.
 * What only a liveness can tell of a server that was asked is fired on the actor.
 */
export const createReplay = ({ maxRetries, budgetCount, stableAfterMs, spreadMs }: SearchConstants) => {
  const clock = createTimerLine();
  const page = createStandInPage();
  const sockets: HandSocket[] = [];
  const asked: Asked[] = [];
  const happened: string[] = [];
  let waitsAt: Asked['who'] | undefined;
  let isImpossible = false;

  const ask = (who: Asked['who'], signal: AbortSignal, text: string): string | Promise<string> => {
    happened.push(`${who} is asked for`);
    if (waitsAt !== who) return text;
    return new Promise((resolve, reject) => {
      asked.push({
        who,
        signal,
        answers: (answer) => resolve(answer as string),
        fails: () => reject(new Error(`no ${who}`)),
      });
    });
  };

  vi.stubGlobal('window', page.window);
  vi.stubGlobal('document', page.document);
  const connection: Connection<WireMessage> = createConnection({
    getToken: ({ signal }) => ask('token', signal, 'token'),
    url: ({ signal }) => ask('url', signal, 'wss://redngift.test/'),
    WebSocket: handSocketClass({
      dials(socket) {
        happened.push('a socket is made');
        if (isImpossible) throw new Error('no socket');
        sockets.push(socket);
      },
      sends: () => void happened.push('a frame is sent'),
      closes() {},
    }),
    maxRetries,
    stableAfterMs,
    backoff: Object.assign((retry: number) => retry * 100, { spreadMs }),
    classifyClose: ({ code }) => APP_VERDICTS[code as keyof typeof APP_VERDICTS],
    random: () => 0.5,
    clock,
  });
  vi.unstubAllGlobals();
  const listenerCount = page.listenerCount;
  connection.onError(({ code }) => void happened.push(code));
  connection.onMessage(() => void happened.push('a message is heard'));
  connection.subscribe(() => void happened.push('a subscriber is told'));

  const settles = async (): Promise<void> => {
    for (let tick = 0; tick < SETTLING_TICKS; tick += 1) await null;
  };
  const situation = () => situationOf(connection.actor.getSnapshot());

  // The search may have fewer connects than there are: the others are spent, and their refunds stay due.
  const spentCount = REAL.budgetCount - budgetCount;
  for (let spent = 0; spent < spentCount; spent += 1) connection.connect({ userId: `spender ${spent}` });
  connection.disconnect();

  const fires = (delayMs: number | undefined, nth = 0): void => {
    const timer = clock.pending.filter((each) => each.delayMs === delayMs)[nth];
    if (timer === undefined) throw new Error(`no timer of ${delayMs} ms runs`);
    clock.firesNow(timer);
  };
  const socket = (): HandSocket => {
    const live = sockets.find((each) => each.isLive);
    if (live === undefined) throw new Error('no socket is live');
    return live;
  };
  const answer = (): Asked => {
    const last = asked.at(-1);
    if (last === undefined) throw new Error('the app is not asked');
    return last;
  };

  const tells = ({ name, event }: Move): void => {
    switch (event.type) {
      case 'socket.opened':
        socket().opens();
        break;
      case 'socket.closed':
        socket().closes({
          code: event.code as number,
          reason: event.reason as string,
          wasClean: event.wasClean as boolean,
        });
        break;
      case 'token.missing':
        answer().answers(null);
        break;
      case 'attempt.failed':
        answer().fails();
        break;
      case 'socket.impossible':
        isImpossible = true;
        answer().answers('wss://redngift.test/');
        break;
      case 'heartbeat.armed':
        if (event.canAsk) connection.actor.send({ type: 'heartbeat.armed', canAsk: true });
        else for (let count = 0; count < 2; count += 1) socket().hears('{"type":"HEARTBEAT"}');
        break;
      case 'frame.silent':
        if (situation().canAsk) connection.actor.send({ type: 'frame.silent' });
        else {
          clock.jumpsTo(clock.now() + SILENCE_MS);
          fires(SILENCE_MS);
        }
        break;
      case 'dial.held':
        connection.actor.send({ type: 'dial.held', upToMs: 30_000 });
        break;
      case 'socket.stuck':
      case 'frame.heard':
      case 'probe.unanswered':
        connection.actor.send({ type: event.type });
        break;
      default:
        throw new Error(`${name} is no fact that can be brought about`);
    }
  };

  const makes = (move: Move): void => {
    const { type } = move.event;
    const signal = SIGNALS[type];
    if (signal !== undefined) page[signal[0]].fires(signal[1]);
    else if (type === 'user.connect') connection.connect({ userId: String(move.event.userId) });
    else if (type === 'user.disconnect') connection.disconnect();
    else if (type === 'user.logout') connection.logout();
    else if (type === 'user.retry') connection.retry();
    else if (move.kind === 'refund') fires(REFUND_MS, spentCount);
    else if (move.kind === 'timer') {
      const rules = { maxRetries, stableAfterMs, spreadMs, backoffMs: (retry: number) => retry * 100 };
      fires(Object.values(timersOf(situation(), rules))[0]);
    } else tells(move);
  };

  return {
    connection,
    situation,
    /** Makes each move of the world come true. */
    async goes(moves: readonly Move[]): Promise<void> {
      for (const [index, move] of moves.entries()) {
        const next = moves.slice(index + 1).find(({ kind }) => kind === 'fact');
        if (move.kind !== 'fact' || next !== undefined) waitsAt = next && WAITS_AT[next.name];
        makes(move);
        await settles();
        isImpossible = false;
      }
    },
    /** I10: disposes, and demands that nothing is left, and that whatever still comes does nothing. */
    async ends(): Promise<void> {
      demand(
        listenerCount > 0 && page.listenerCount === listenerCount,
        'I10',
        () => 'nobody listens to the page',
      );
      connection.dispose();
      const snapshot = connection.getSnapshot();
      happened.length = 0;
      const left = (): string[] => [
        ...clock.pending.map(({ delayMs }) => `a timer of ${delayMs} ms`),
        ...sockets.filter(({ isLive }) => isLive).map(() => 'a live socket'),
        ...Array.from({ length: page.listenerCount }, () => 'a listener on the page'),
        ...asked.filter(({ signal }) => !signal.aborted).map(({ who }) => `a request for a ${who}`),
        ...(connection.userId === null ? [] : ['a user']),
      ];
      demand(left().length === 0, 'I10', () => `dispose leaves ${left()}`);
      for (const request of asked) request.answers('late');
      for (const each of sockets) {
        each.opens();
        each.hears('{"type":"NEW_MESSAGE","id":1}');
        each.hears('{"type":"HEARTBEAT"}');
        each.errs();
        each.closes({ code: 4401, reason: 'late', wasClean: true });
      }
      for (const [target, type] of Object.values(SIGNALS)) page[target].fires(type);
      clock.jumpsTo(clock.now() + REFUND_MS);
      await settles();
      demand(left().length === 0, 'I10', () => `late events bring back ${left()}`);
      demand(happened.length === 0, 'I10', () => `after dispose ${happened}`);
      demand(
        connection.getSnapshot() === snapshot && snapshot.status === 'idle',
        'I10',
        () => 'a late change',
      );
    },
  };
};
