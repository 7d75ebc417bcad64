import { MAX_DEPTH_COUNT } from './limits.ts';

export const TOO_DEEP = `it nests deeper than ${MAX_DEPTH_COUNT} levels`;
export const REACHES_PROTOTYPE = 'it has a key that could reach a prototype';

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const OPENING_LIST = 91;
const OPENING_OBJECT = 123;
const CLOSING_LIST = 93;
const CLOSING_OBJECT = 125;

/** The names that can reach a prototype, and what one of them must be a member of. */
const NAMES = ['__proto__', 'constructor', 'prototype'] as const;
/** No name of those is longer, each character written as an escape (`\u005f`). */
const LONGEST_SPELLING = 6 * 'constructor'.length;

/** Where the string ends whose opening quote is before `from`: at its closing quote, or at the end of the text. */
const endOfString = (text: string, from: number): number => {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    const isEscaped = (end - first) % 2 === 1;
    if (!isEscaped) return end;
  }
  return text.length;
};

/** The first character from here on that is no white space of JSON. */
const pastSpace = (text: string, from: number): number => {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(at))
    at += 1;
  return at;
};

/** Which of the dangerous names a key is, or undefined. */
const nameOfKey = (text: string, start: number, end: number): string | undefined => {
  const length = end - start;
  if (length < 9 || length > LONGEST_SPELLING) return undefined;
  const key = text.slice(start, end);
  let name = key;
  if (key.includes('\\u')) {
    try {
      name = String(JSON.parse(`"${key}"`));
    } catch {
      return undefined; // the whole is no JSON either
    }
  }
  return NAMES.find((known) => known === name);
};

/**
 * Why a JSON text must not be parsed, or null. Finds what the walk over a parsed value finds (too deep, a key that could reach
 * a prototype) in one pass from left to right that jumps over strings: a MiB of brackets holds JSON.parse itself up for a second,
 * and to ask an object for 70,000 names costs several times what its parse does. Does not judge whether it is JSON. A name that an
 * object has twice is judged each time.
 */
export const dangerInText = (text: string): string | null => {
  let depth = 0;
  /** By depth: whether that object is the value of a `constructor`. */
  const isConstructor: boolean[] = [];
  let name: string | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index + 1);
      const next = pastSpace(text, end + 1);
      // Outside of strings a colon follows keys alone.
      if (text.charCodeAt(next) === COLON) {
        name = nameOfKey(text, index + 1, end);
        if (name === '__proto__' || (name === 'prototype' && isConstructor[depth] === true))
          return REACHES_PROTOTYPE;
        index = next;
      } else index = end;
    } else if (code === OPENING_LIST || code === OPENING_OBJECT) {
      depth += 1;
      if (depth > MAX_DEPTH_COUNT) return TOO_DEEP;
      isConstructor[depth] = code === OPENING_OBJECT && name === 'constructor';
      name = undefined;
    } else if (code === CLOSING_LIST || code === CLOSING_OBJECT) {
      depth -= 1;
      name = undefined;
    }
  }
  return null;
};
