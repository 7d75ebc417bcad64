import * as v from 'valibot';
import { ApiError } from '../../../contract/http-api.ts';
import { readAccessToken } from '../auth/access-token.ts';

/** An HTTP call that did not succeed. `status` is 0 when the server could not be reached at all. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** One HTTP call. `token` defaults to the stored one; null sends none (sign-in, sign-up). */
interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string | null;
  readonly signal?: AbortSignal;
}

let session = new AbortController();
const refusalListeners = new Set<() => void>();

/** Ends every call under way, so that no response for one user arrives after the next has signed in. */
export const abandonCalls = (): void => {
  session.abort();
  session = new AbortController();
};

/** Listens for a 401 to the stored token: the session is over, whatever the page still shows. */
export const onTokenRefused = (listener: () => void): (() => void) => {
  refusalListeners.add(listener);
  return () => refusalListeners.delete(listener);
};

const failureOf = async (response: Response): Promise<ApiFailure> => {
  const text = await response.text();
  let message = `RednGift responded with status ${response.status}.`;
  try {
    const error = v.safeParse(ApiError, JSON.parse(text));
    if (error.success) message = error.output.message;
  } catch {
    // Not JSON (a proxy's page, say): the status is all there is to tell.
  }
  return new ApiFailure(response.status, message);
};

const send = async ({ method = 'GET', path, body, token = readAccessToken(), signal }: Call) => {
  const headers = new Headers();
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  const ends = signal === undefined ? session.signal : AbortSignal.any([session.signal, signal]);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal: ends,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    if (ends.aborted) throw ends.reason;
    throw new ApiFailure(0, 'RednGift cannot be reached. Please try again.', { cause });
  }
  if (response.ok) return { response, ends };
  const failure = await failureOf(response);
  ends.throwIfAborted();
  // A late refusal of the last person's token says nothing of who is signed in now.
  if (response.status === 401 && token !== null && token === readAccessToken())
    for (const listener of refusalListeners) listener();
  throw failure;
};

/**
 * Makes a call and validates its response with `schema`.
 *
 * @throws {ApiFailure} when the server cannot be reached, refuses, or responds with something else than the contract says.
 */
export const callFor = async <S extends v.GenericSchema>(
  schema: S,
  call: Call,
): Promise<v.InferOutput<S>> => {
  const { response, ends } = await send(call);
  const answer: unknown = await response.json().catch(() => undefined);
  ends.throwIfAborted();
  const result = v.safeParse(schema, answer);
  if (!result.success)
    throw new ApiFailure(response.status, 'RednGift sent a response that this page does not know.');
  return result.output;
};

/** Makes a call whose response has no body. */
export const callForNothing = async (call: Call): Promise<void> => {
  await send(call);
};

/** Makes a call whose response is bytes. */
export const callForBlob = async (call: Call): Promise<Blob> => {
  const { response, ends } = await send(call);
  const blob = await response.blob();
  ends.throwIfAborted();
  return blob;
};
