/** Why something was refused, and the HTTP status that says so. */
export const REFUSAL_STATUS = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many-requests': 429,
  busy: 503,
} as const;

type RefusalKind = keyof typeof REFUSAL_STATUS;

/**
 * What a caller may not do, or cannot do now. Thrown by the rules of the app, turned into an ApiError over HTTP and
 * into COMMAND_REJECTED on the socket. Its message is shown to the person: a full sentence, without internals.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;
  /** When it is worth trying again, in ms from now: Retry-After over HTTP. Null: no time will help. */
  readonly retryAfterMs: number | null;

  constructor(kind: RefusalKind, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A thing that does not exist and a thing the caller may not know of give the same response. */
export const notFound = (what: string): Refusal => new Refusal('not-found', `This ${what} does not exist.`);
