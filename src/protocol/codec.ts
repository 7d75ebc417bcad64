import type { ByteView } from '../lib/byte-view.ts';
import { isArrayBuffer } from '../lib/realms.ts';
import { isThenable } from '../lib/run-listener.ts';
import { ignoreRejection } from '../lib/unawaited.ts';
import type { StatesocketError } from './errors.ts';
import { malformed, partsOf, reachesPrototype } from './frame.ts';
import { REACHES_PROTOTYPE, TOO_DEEP } from './hostile-text.ts';
import { MAX_DEPTH_COUNT } from './limits.ts';

/**
 * How messages travel on a wire that is not JSON objects with a `type`: MessagePack, Protocol Buffers, or JSON of another
 * shape, such as `["event", data]`.
 *
 * @example
 * const codec: Codec = {
 *   decode: (data) => (typeof data === 'string' ? undefined : decode(data)),
 *   encode: (message) => encode(message),
 * };
 */
export interface Codec {
  /**
   * What a frame says: a message, a list of messages, or undefined where it is none of this wire. What it returns is checked as
   * JSON is: an object with a string `type`, no key that could reach a prototype, at most 64 levels. A throw is reported
   * (`malformed-frame`) and the frame is dropped. Must not return a promise.
   */
  decode(data: string | ArrayBuffer): unknown;
  /**
   * The frame of a message, of `send` or of an ACK. A throw, or anything else than text or bytes, refuses the message
   * (`message-not-serialisable`).
   */
  encode(message: { readonly type: string }): string | ArrayBuffer | ByteView;
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

const isBytes = (value: unknown): value is ArrayBuffer | ByteView =>
  ArrayBuffer.isView(value) || isArrayBuffer(value);

/** A prototype that no function has is an object of the wire, put there by a key named `__proto__`. */
const isForeign = (prototype: object | null): boolean => {
  if (prototype === null) return false;
  const maker: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : null;
  return typeof maker !== 'function' || maker.prototype !== prototype;
};

/**
 * Why what a codec has made must not reach listeners, or null. Unlike JSON it may hold maps, sets and bytes, and one object
 * in many places, or in itself: each is walked once for each depth at which it is found.
 */
const dangerIn = (value: unknown, levelsLeft: number, walked: Map<object, number>): string | null => {
  if (value === null || typeof value !== 'object' || isBytes(value)) return null;
  if (levelsLeft === 0) return TOO_DEEP;
  // It fitted into fewer levels, or as many.
  if ((walked.get(value) ?? Number.POSITIVE_INFINITY) <= levelsLeft) return null;
  walked.set(value, levelsLeft);
  if (isForeign(Object.getPrototypeOf(value))) return 'it has a prototype that came from the wire';
  const inside = (member: unknown): string | null => dangerIn(member, levelsLeft - 1, walked);
  const tag = tagOf(value);
  if (tag === 'Map' || tag === 'Set') {
    for (const entry of value as Iterable<unknown>) {
      const danger = inside(entry);
      if (danger !== null) return danger;
    }
  }
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name];
    if (reachesPrototype(name, member)) return REACHES_PROTOTYPE;
    const danger = inside(member);
    if (danger !== null) return danger;
  }
  return null;
};

/**
 * Reads a frame by the app's codec into its parts, as `decodeFrame` reads JSON. Undefined: the codec does not know the
 * frame. Does not throw; what the codec throws is not passed on, since it may quote the frame.
 */
export const decodeBy = (codec: Codec, data: string | ArrayBuffer): unknown | StatesocketError => {
  try {
    const value = codec.decode(data);
    if (isThenable(value)) {
      ignoreRejection(value);
      return malformed('the codec has returned a promise, and order needs a message at once');
    }
    const danger = dangerIn(value, MAX_DEPTH_COUNT, new Map());
    return danger === null ? partsOf(value) : malformed(danger);
  } catch {
    return malformed('the codec has thrown while it decoded it');
  }
};

/**
 * Writes a message by the app's codec.
 *
 * @throws what the codec throws, and a TypeError for what is no frame.
 */
export const encodeBy = (
  codec: Codec,
  message: { readonly type: string },
): string | ArrayBuffer | ByteView => {
  const frame: unknown = codec.encode(message);
  if (typeof frame === 'string' || isBytes(frame)) return frame;
  ignoreRejection(frame);
  throw new TypeError('codec.encode must return text, an ArrayBuffer or a view of one.');
};
