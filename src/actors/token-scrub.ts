const encoded = (encode: (text: string) => string, text: string): string => {
  try {
    return encode(text);
  } catch {
    return text; // a lone surrogate has no spelling in a URL
  }
};

/** One pattern for all spellings, longest first: replacing one after the other would search in its own replacement. */
const spellingsOf = (token: string): RegExp => {
  const spellings = new Set([token, encoded(encodeURIComponent, token), encoded(encodeURI, token)]);
  const patterns = [...spellings]
    .sort((a, b) => b.length - a.length)
    .map((spelling) => spelling.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(patterns.join('|'), 'g');
};

/** Makes what takes a token, in every spelling that it has in a URL, out of a text (I13). */
export const tokenScrub = (token: string): ((text: string) => string) => {
  const spellings = spellingsOf(token);
  return (text) => text.replace(spellings, '[token]');
};
