import type { IncomingMessage } from 'node:http';
import type { TimerHandle } from '../../lib/clock.ts';
import { CloseCode } from '../../protocol/close-codes.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import type { AuthenticationReason, GatewaySettings } from '../gateway-options.ts';
import { createSparingReport } from '../sparing-report.ts';
import { originRule } from './origin-rule.ts';
import { createRefusedOrigins } from './refused-origins.ts';

/** Shorter than the 10 s a client gives its handshake, so that the client learns the reason. */
export const ADMISSION_DEADLINE_MS = 8_000;

/** Whether a socket may become a session, and where its session begins to read the log. */
export type Admission =
  | { readonly admitted: true; readonly userId: string; readonly position: string }
  | { readonly admitted: false; readonly code: number; readonly reason: string };

const refusal = (code: number, reason: string): Admission => ({ admitted: false, code, reason });
const TRY_AGAIN_LATER = refusal(CloseCode.TryAgainLater, 'try again later');

/** Decides on connections. Does not throw; what goes wrong is reported and becomes a refusal. */
export interface Doorkeeper {
  /** Whom a token names now, or null. Reports and rejects when `authenticate` fails. */
  identify(token: string, why: AuthenticationReason): Promise<string | null>;
  admit(request: IncomingMessage, token: string | null): Promise<Admission>;
  /** Waits for no verdict any more: nobody hears it. Leaves no timer. */
  stop(): void;
}

/** What `authenticate` said that names nobody, without its value: it may be the token. */
const nonsense = (verdict: unknown, id: unknown): string => {
  const how =
    'It must resolve with { userId }, a text that is not empty, or with null where nobody has this token';
  if (typeof verdict !== 'object' || verdict === null)
    return `authenticate returned ${typeof verdict}. ${how}.`;
  if (id === '') return `authenticate returned a userId that is empty. ${how}.`;
  if (typeof id === 'number')
    return `authenticate returned a userId that is a number. ${how}: write String(id).`;
  return `authenticate returned a userId that is ${id === null ? 'null' : typeof id}. ${how}.`;
};

export const createDoorkeeper = (
  settings: Pick<GatewaySettings, 'allowedOrigins' | 'authenticate' | 'engine' | 'clock'>,
  report: (error: StatesocketError) => void,
): Doorkeeper => {
  const { authenticate, engine, clock } = settings;
  const isAllowed = originRule(settings.allowedOrigins);
  const sparingly = createSparingReport(clock);
  const tellRefused = createRefusedOrigins(clock, report);
  const deadlines = new Set<TimerHandle>();

  const identify = async (token: string, why: AuthenticationReason): Promise<string | null> => {
    const failed = (message: string) => {
      // Neither kept nor passed on: what the app throws may name the token (I13).
      const error = new StatesocketError('authenticate-failed', message);
      report(error);
      return error;
    };
    let verdict: unknown;
    try {
      verdict = await authenticate(token, why);
    } catch {
      throw failed('authenticate threw.');
    }
    if (verdict === null) return null;
    let userId: unknown;
    try {
      userId = (verdict as { userId?: unknown } | undefined)?.userId;
    } catch {
      throw failed(
        'authenticate returned a userId that throws when it is read. It must be a text that is not empty.',
      );
    }
    if (typeof userId === 'string' && userId !== '') return userId;
    const what = nonsense(verdict, userId);
    // A mistake in the app, not of a connection: it would be told at each of them.
    sparingly(what, (leftOut) => report(new StatesocketError('authenticate-failed', `${what}${leftOut}`)));
    throw new StatesocketError('authenticate-failed', what);
  };

  const decide = async (request: IncomingMessage, token: string | null): Promise<Admission> => {
    const { origin } = request.headers;
    try {
      if (origin !== undefined && !(await isAllowed(origin, request))) {
        tellRefused(origin);
        return refusal(CloseCode.Forbidden, 'origin not allowed');
      }
    } catch {
      // As with authenticate: the request it was given names the token.
      report(
        new StatesocketError('authenticate-failed', 'allowedOrigins threw, or said neither true nor false.'),
      );
      return TRY_AGAIN_LATER;
    }
    let userId: string | null;
    try {
      userId = token === null ? null : await identify(token, 'connect');
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
          deadlines.delete(deadline);
          report(new StatesocketError('authenticate-failed', 'A connection could not be judged in time.'));
          resolve(TRY_AGAIN_LATER);
        }, ADMISSION_DEADLINE_MS);
        deadlines.add(deadline);
        void decide(request, token).then((admission) => {
          clock.clearTimeout(deadline);
          deadlines.delete(deadline);
          resolve(admission);
        });
      }),
    stop() {
      for (const deadline of deadlines) clock.clearTimeout(deadline);
      deadlines.clear();
    },
  };
};
