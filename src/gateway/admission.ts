import type { IncomingMessage } from 'node:http';
import { CloseCode } from '../protocol/close-codes.ts';
import { StatesocketError } from '../protocol/errors.ts';
import type { GatewaySettings } from './gateway-options.ts';

/** Shorter than the 10 s a client gives its handshake, so that the client learns the reason. */
export const ADMISSION_DEADLINE_MS = 8_000;

/** Whether a socket may become a session, and where its session begins to read the log. */
export type Admission =
  | { readonly admitted: true; readonly userId: string; readonly position: string }
  | { readonly admitted: false; readonly code: number; readonly reason: string };

const refusal = (code: number, reason: string): Admission => ({ admitted: false, code, reason });
const TRY_AGAIN_LATER = refusal(CloseCode.TryAgainLater, 'try again later');

/** Decides on connections. Does not throw; what goes wrong is reported and answered as a refusal. */
export interface Doorkeeper {
  /** Whom a token names now, or null. Reports and rejects when `authenticate` fails. */
  identify(token: string): Promise<string | null>;
  admit(request: IncomingMessage, token: string | null): Promise<Admission>;
}

export const createDoorkeeper = (
  settings: Pick<GatewaySettings, 'allowedOrigins' | 'authenticate' | 'engine' | 'clock'>,
  report: (error: StatesocketError) => void,
): Doorkeeper => {
  const { allowedOrigins, authenticate, engine, clock } = settings;

  const identify = async (token: string): Promise<string | null> => {
    try {
      const answer = await authenticate(token);
      if (answer === null) return null;
      if (typeof answer.userId === 'string' && answer.userId !== '') return answer.userId;
    } catch {
      // Neither kept nor passed on: what authenticate throws may name the token (I13).
    }
    const error = new StatesocketError('authenticate-failed', 'authenticate threw, or answered no user id.');
    report(error);
    throw error;
  };

  const originAllowed = (request: IncomingMessage): boolean => {
    const { origin } = request.headers;
    if (origin === undefined) return true;
    return typeof allowedOrigins === 'function'
      ? allowedOrigins(origin, request)
      : allowedOrigins.includes(origin);
  };

  const decide = async (request: IncomingMessage, token: string | null): Promise<Admission> => {
    try {
      if (!originAllowed(request)) return refusal(CloseCode.Forbidden, 'origin not allowed');
    } catch {
      // As with authenticate: the request it was given names the token.
      report(new StatesocketError('authenticate-failed', 'allowedOrigins threw.'));
      return TRY_AGAIN_LATER;
    }
    let userId: string | null;
    try {
      userId = token === null ? null : await identify(token);
    } catch {
      return TRY_AGAIN_LATER; // identify has reported it
    }
    if (userId === null) return refusal(CloseCode.Unauthenticated, 'unauthenticated');
    try {
      return { admitted: true, userId, position: await engine.last(userId) };
    } catch (cause) {
      report(new StatesocketError('engine-failed', 'The end of a log could not be read.', { cause }));
      return TRY_AGAIN_LATER;
    }
  };

  return {
    identify,
    admit: (request, token) =>
      new Promise((resolve) => {
        const deadline = clock.setTimeout(() => {
          report(new StatesocketError('authenticate-failed', 'A connection could not be judged in time.'));
          resolve(TRY_AGAIN_LATER);
        }, ADMISSION_DEADLINE_MS);
        void decide(request, token).then((admission) => {
          clock.clearTimeout(deadline);
          resolve(admission);
        });
      }),
  };
};
