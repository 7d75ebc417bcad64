/** How many letters must be put in, taken out or changed to make one word of the other. Source: Levenshtein (1966). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** A word longer than this is no slip of the pen. */
const LONGEST_LENGTH = 40;
/** Shorter words are inside of too many others. */
const MIN_PART_LENGTH = 4;

/**
 * The name that was probably meant: one that differs by a third of its letters at most, or that holds the word as a part.
 * Null: none is near.
 *
 * @example
 * closestName('maxRetry', ['maxRetries', 'url']); // 'maxRetries'
 */
export const closestName = (word: string, names: readonly string[]): string | null => {
  if (word.length > LONGEST_LENGTH) return null;
  const wanted = word.toLowerCase();
  const mostDistance = Math.ceil(wanted.length / 3);
  let closest: string | null = null;
  let least = mostDistance + 1;
  for (const name of names) {
    const far = distance(wanted, name.toLowerCase());
    if (far < least) {
      least = far;
      closest = name;
    }
  }
  if (closest !== null || wanted.length < MIN_PART_LENGTH) return closest;
  return names.find((name) => name.toLowerCase().includes(wanted)) ?? null;
};

/** What to write in place of a name that nobody reads, as a sentence. */
export const cureOfName = (name: string, known: readonly string[]): string => {
  const meant = closestName(name, known);
  return meant === null ? `It knows ${known.join(', ')}.` : `Did you mean ${meant}?`;
};
