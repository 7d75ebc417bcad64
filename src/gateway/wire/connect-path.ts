/**
 * Reads the token out of the target of an upgrade request: `/connect/{token}/`, with or without the last slash and a query.
 *
 * Returns undefined for any other path, and null where the token is empty or not percent-encoded UTF-8: no such token
 * was ever given out.
 */
export const tokenOfPath = (target: string): string | null | undefined => {
  const encoded = /^\/connect\/([^/?]*)\/?(?:\?.*)?$/.exec(target)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded) || null;
  } catch {
    return null; // a URIError quotes nothing, and says nothing more than this
  }
};
