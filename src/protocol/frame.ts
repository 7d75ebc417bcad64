import { StatesocketError } from './errors.ts';
import { dangerInText, REACHES_PROTOTYPE, TOO_DEEP } from './hostile-text.ts';
import { MAX_DEPTH_COUNT } from './limits.ts';
import type { WireMessage } from './message.ts';

/** The type of a frame that carries several messages. Kept by the protocol: listeners get its members. */
export const BATCH = 'BATCH';
/** The type of a server's sign of life. Kept by the protocol: it reaches no listener. */
export const HEARTBEAT = 'HEARTBEAT';

export const malformed = (why: string): StatesocketError =>
  new StatesocketError('malformed-frame', `A frame was dropped: ${why}.`);

/**
 * From this length on a text is judged before it is parsed: JSON.parse takes a second for a MiB of brackets, and to ask one object
 * for its 70,000 names takes longer than to parse it. A shorter one is judged by what came of it, which costs less there.
 */
const LONG_TEXT_LENGTH = 16 * 1024;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Source: the prototype pollution cases of CWE-1321. Spread, assign and deep merges follow both keys. */
export const reachesPrototype = (name: string, value: unknown): boolean =>
  name === '__proto__' || (name === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype'));

/** Why a parsed value must not reach listeners, or null (benchmarks/receive-path). */
const dangerIn = (value: unknown, levelsLeft: number): string | null => {
  if (value === null || typeof value !== 'object') return null;
  if (levelsLeft === 0) return TOO_DEEP;
  // An array of JSON has no names but its indices, and `for…in` over them costs ten times its JSON.parse.
  if (Array.isArray(value)) return dangerInMembers(value, levelsLeft - 1);
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (reachesPrototype(name, member)) return REACHES_PROTOTYPE;
    const danger = dangerIn(member, levelsLeft - 1);
    if (danger !== null) return danger;
  }
  return null;
};

const dangerInMembers = (members: readonly unknown[], levelsLeft: number): string | null => {
  for (let index = 0; index < members.length; index += 1) {
    const danger = dangerIn(members[index], levelsLeft);
    if (danger !== null) return danger;
  }
  return null;
};

/** The members of a batch; anything else as it is. */
export const partsOf = (value: unknown): unknown | readonly unknown[] | StatesocketError => {
  if (!isObject(value) || value.type !== BATCH) return value;
  return Array.isArray(value.messages) ? value.messages : malformed('a BATCH needs an array named messages');
};

/**
 * Reads one JSON text frame into its parts: a message, or the members of a batch (a JSON array, or
 * `{type: 'BATCH', messages: […]}`). Members are returned as they are; {@link checkMessage} judges each.
 *
 * Does not throw: text that is no JSON, nests deeper than {@link MAX_DEPTH_COUNT} or carries a key that could reach
 * a prototype (`__proto__`, `constructor.prototype`) gives an error of code `malformed-frame`.
 *
 * @example
 * decodeFrame('{"type":"TYPING","conversationId":"c1"}'); // { type: 'TYPING', conversationId: 'c1' }
 * decodeFrame('[{"type":"A"},{"type":"B"}]');             // [{ type: 'A' }, { type: 'B' }]
 */
export const decodeFrame = (text: string): unknown | readonly unknown[] | StatesocketError => {
  const isLong = text.length > LONG_TEXT_LENGTH;
  const hidden = isLong ? dangerInText(text) : null;
  if (hidden !== null) return malformed(hidden);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own error quotes the text, and the text may be private: it is not passed on as cause.
    return malformed('it is not JSON');
  }
  const danger = isLong ? null : dangerIn(value, MAX_DEPTH_COUNT);
  if (danger !== null) return malformed(danger);
  return partsOf(value);
};

/**
 * Judges one value of a frame: an object with a string `type`, neither a nested batch nor the reserved type `binary`.
 * Returns the error to report (code `malformed-frame`), or the message.
 *
 * @param fault makes the error, of a closed set of reasons: a batch makes one of each, since an error costs more than all else.
 */
export const checkMessage = (value: unknown, fault = malformed): WireMessage | StatesocketError => {
  if (!isObject(value)) return fault('a message must be an object');
  const { type } = value;
  if (typeof type !== 'string') return fault('a message needs a string named type');
  if (type === BATCH) return fault('batches do not nest');
  if (type === 'binary') return fault('the type "binary" is kept for binary frames');
  return value as WireMessage;
};
