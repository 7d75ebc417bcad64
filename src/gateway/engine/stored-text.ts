/** Begins what is stored as JSON: no character, but set aside by Unicode for such use. */
const MARKER = '\ufdd0';
/** What is not kept as it is. In a `u` pattern, \p{Surrogate} is half of a pair only. */
const CHANGED = /^\ufdd0|\0|\p{Surrogate}/u;

/**
 * A text as the database keeps it. SQLite's texts are UTF-8 and libsql reads them up to the first U+0000: a text with that
 * character, or with half of a surrogate pair, would come back as another one, and two users would share a log. Such a text
 * is stored as JSON, behind a marker.
 */
export const toStored = (text: string): string => (CHANGED.test(text) ? MARKER + JSON.stringify(text) : text);

/** The text that was given to {@link toStored}. */
export const fromStored = (stored: string): string =>
  stored.startsWith(MARKER) ? (JSON.parse(stored.slice(MARKER.length)) as string) : stored;
