const QUOTE = 34;
const BACKSLASH = 92;
const OPENING = [91, 123];
const CLOSING = [93, 125];

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

/**
 * Whether a JSON text opens more than `levelsCount` brackets within each other. Reads it once from left to right and
 * leaves out its strings; does not judge whether it is JSON.
 */
export const nestsDeeperThan = (text: string, levelsCount: number): boolean => {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index + 1);
    } else if (code === OPENING[0] || code === OPENING[1]) {
      depth += 1;
      if (depth > levelsCount) return true;
    } else if (code === CLOSING[0] || code === CLOSING[1]) {
      depth -= 1;
    }
  }
  return false;
};
