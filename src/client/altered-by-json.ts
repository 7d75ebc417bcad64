import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/** Words and key names in an error message are cut to this length. */
const SHOWN_LENGTH = 64;
/** A message is looked through to here; what is deeper or further is taken as sound. */
const MAX_DEPTH_COUNT = 64;
const MAX_VALUES_COUNT = 10_000;
/** So many messages of a type are looked through whatever their text shows: a function leaves no trace in it. */
const FIRST_COUNT = 3;
/** So many types are watched. An app that makes up types as it goes is watched for the first of them. */
const MAX_TYPES_COUNT = 256;

const article = (name: string): string => (/^[AEIO]/.test(name) ? `an ${name}` : `a ${name}`);

const hasToJson = (value: object): boolean => typeof (value as { toJSON?: unknown }).toJSON === 'function';

/** An object that is neither plain nor an array, in words, where JSON does not hold it; null: it does. */
const lossOfObject = (value: object): string | null => {
  // The tag, and not instanceof: it may be of another realm.
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Date') return Number.isNaN(Number(value)) ? 'an invalid Date' : null;
  if (tag === 'Object' || hasToJson(value)) return null;
  return ArrayBuffer.isView(value) || Object.keys(value).length === 0
    ? article(tag.slice(0, SHOWN_LENGTH))
    : null;
};

/** A value that is no object, in words, where JSON cannot hold it; null: it can. */
const lossOfPrimitive = (value: unknown, isElement: boolean): string | null => {
  const type = typeof value;
  if (type === 'number') return Number.isFinite(value) ? null : `${value}`;
  if (type === 'undefined') return isElement ? 'undefined in an array' : null;
  return type === 'function' || type === 'symbol' ? `a ${type}` : null;
};

/** The first loss in a message, with the member at its top that holds it; null: JSON holds all of it. */
const firstLoss = (message: object): string | null => {
  let valueCount = 0;
  const lookInto = (holder: object, depth: number): string | null => {
    valueCount += 1;
    if (depth > MAX_DEPTH_COUNT || valueCount > MAX_VALUES_COUNT) return null;
    if (Array.isArray(holder)) {
      for (const inner of holder) {
        const found = look(inner, true, depth);
        if (found !== null) return found;
      }
      return null;
    }
    for (const key of Object.keys(holder)) {
      const found = look((holder as Record<string, unknown>)[key], false, depth);
      if (found !== null) return depth > 0 ? found : `${found}, in "${key.slice(0, SHOWN_LENGTH)}"`;
    }
    return null;
  };
  const look = (value: unknown, isElement: boolean, depth: number): string | null => {
    if (typeof value !== 'object') return lossOfPrimitive(value, isElement);
    if (value === null) return null;
    const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
    const loss = isPlain ? null : lossOfObject(value);
    // What toJSON makes is the app's choice.
    return loss !== null || hasToJson(value) ? loss : lookInto(value, depth + 1);
  };
  return hasToJson(message) ? null : lookInto(message, 0);
};

/** JSON puts `null` or `{}` where most of what it cannot hold has been. Two searches cost less than a look at each value. */
const looksAltered = (text: string): boolean => text.includes('null') || text.includes('{}');

/**
 * Watches for messages that JSON alters without a word: a Map becomes {}, NaN becomes null. The message goes out as it is; the
 * first such of each type is reported (`message-altered`). Members that are undefined are left out by JSON, and read as
 * undefined: nothing is lost. A Date becomes its ISO text, as everybody expects.
 *
 * @returns looks at a message and the text that JSON made of it. Does not throw.
 */
export const watchAltered = (
  report: (error: StatesocketError) => void,
): ((message: { readonly type: string }, text: string) => void) => {
  /** How many of each type were looked through; Infinity: one was reported. */
  const counts = new Map<string, number>();
  return (message, text) => {
    const { type } = message;
    const count = counts.get(type) ?? 0;
    if (count === Number.POSITIVE_INFINITY || (count >= FIRST_COUNT && !looksAltered(text))) return;
    if (count === 0 && counts.size >= MAX_TYPES_COUNT) return;
    if (count < FIRST_COUNT) counts.set(type, count + 1);
    let loss: string | null;
    try {
      loss = firstLoss(message);
    } catch {
      return; // A getter that throws at its second reading, as JSON was the first: nothing is known of it.
    }
    if (loss === null) return;
    counts.set(type, Number.POSITIVE_INFINITY);
    const what = `JSON cannot hold all of a ${type.slice(0, SHOWN_LENGTH)} message: it has ${loss}. It was sent so.`;
    report(mistake(['altered'], 'message-altered', what));
  };
};
