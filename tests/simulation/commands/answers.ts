import type { ConnectionOptions, WireMessage } from 'statesocket';
import { demand } from '../implementation.ts';
import type { Calls } from './calls.ts';
import type { Answer, Settings } from './command.ts';
import type { Attempt, ConnectionModel, ModelEvent } from './connection-model.ts';
import type { Moment } from './moment.ts';

type Options = ConnectionOptions<WireMessage>;
type Asked = 'getToken' | 'url';
type Settled = 'value' | 'null' | 'rejects';

export interface HeldAnswer {
  readonly attempt: Attempt;
  settles(how: Settled): void;
}

/** Each attempt has a token of its own, which is found again wherever it may not be. */
export const tokenOf = ({ id }: Attempt): string => `secret-${id}`;

/**
 * What the app answers when it is asked for a token and a URL, and for whom it is asked. The model learns of an answer
 * right before the connection does.
 */
export const createAnswers = (model: ConnectionModel, moment: Moment, calls: Calls, { asks }: Settings) => {
  const hows: Record<Asked, Answer> = { getToken: 'value', url: 'value' };
  const held: HeldAnswer[] = [];
  const attempts = new Map<AbortSignal | string, Attempt>();
  /** Faults of the app that must be reported, and that are facts right after. */
  const dues: { readonly code: string; readonly event: ModelEvent; readonly attempt: Attempt }[] = [];

  const fails = (code: string, event: ModelEvent, attempt: Attempt): void => {
    if (attempt === model.attempt) {
      moment.expects(code);
      dues.push({ code, event, attempt });
    } else if (calls.isBusy) moment.allows(code);
  };
  const learns = (who: Asked, attempt: Attempt, how: Settled): void => {
    if (how === 'value') return;
    if (who === 'url') fails('url-failed', { type: 'attempt.failed', cause: 'url' }, attempt);
    else if (how !== 'null') fails('token-failed', { type: 'attempt.failed', cause: 'token' }, attempt);
    else if (attempt.reason === 'connect') fails('token-missing', { type: 'token.missing' }, attempt);
    else model.happens({ type: 'token.missing' }, attempt);
  };

  const promised = (who: Asked, attempt: Attempt, value: string) => {
    let resolve = (_: string | null): void => {};
    let reject = (_: Error): void => {};
    const promise = new Promise<string | null>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    // The first to wait for a promise is the first to be told.
    promise.then(
      (said) => moment.guard(() => learns(who, attempt, said === null ? 'null' : 'value')),
      () => moment.guard(() => learns(who, attempt, 'rejects')),
    );
    const settles = (how: Settled): void => {
      if (how === 'rejects') reject(new Error(`no ${who}: ${value}`));
      else resolve(how === 'null' ? null : value);
    };
    return { promise, settles };
  };

  const answer = (who: Asked, attempt: Attempt, value: string): string | null | Promise<string | null> => {
    const how = hows[who];
    moment.counts(`${who} answers ${how}`);
    switch (how) {
      case 'value':
        return value;
      case 'null':
        learns(who, attempt, 'null');
        return null;
      case 'throws':
        learns(who, attempt, 'rejects');
        throw new Error(`no ${who}: ${value}`);
      default: {
        const { promise, settles } = promised(who, attempt, value);
        if (how === 'held') held.push({ attempt, settles });
        else settles(how === 'value soon' ? 'value' : how === 'null soon' ? 'null' : 'rejects');
        return promise;
      }
    }
  };

  const getToken: Options['getToken'] = ({ userId, reason, signal }) => {
    const attempt = moment.guard(() => model.asked(userId, reason));
    if (attempt === undefined) return null;
    attempts.set(signal, attempt);
    calls.called('getToken');
    return answer('getToken', attempt, tokenOf(attempt));
  };

  const url: Options['url'] = ({ token, userId, signal }) => {
    const attempt = moment.guard(() => {
      if (asks === 'url') return model.asked(userId);
      const known = attempts.get(signal);
      if (known === undefined) throw new Error('the url is asked for before the token');
      demand(
        known === model.attempt || calls.isBusy,
        'I14',
        () => `a url is asked for ${userId}, who is gone`,
      );
      demand(token === tokenOf(known) && userId === known.userId, 'I14', () => `${token} for ${userId}`);
      return known;
    });
    const address = `wss://redngift.test/${attempt?.id}/${token}/`;
    if (attempt === undefined) return address;
    attempts.set(address, attempt);
    calls.called('url');
    // What the types of the app forbid it may answer all the same.
    return answer('url', attempt, address) as string | Promise<string>;
  };

  return {
    getToken,
    url,
    held,
    fails,
    from(who: Asked, how: Answer): void {
      hows[who] = how;
    },
    /** Whose attempt a socket is made for. */
    attemptAt(address: string): Attempt {
      const attempt = asks === 'nothing' ? model.asked() : attempts.get(address);
      if (attempt === undefined) throw new Error('a socket is made for an address that nobody gave');
      return attempt;
    },
    /** The connection has reported this. */
    wasReported(code: string): void {
      const at = dues.findIndex((due) => due.code === code);
      const [due] = at < 0 ? [] : dues.splice(at, 1);
      if (due !== undefined) model.happens(due.event, due.attempt);
    },
    check(): void {
      demand(dues.length === 0, 'errors', () => `no report of ${dues.map(({ code }) => code)}`);
    },
  };
};

export type Answers = ReturnType<typeof createAnswers>;
