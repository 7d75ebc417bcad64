/** Where RednGift keeps the token. Nothing else reads or writes it. */
export const ACCESS_TOKEN_KEY = 'accessToken';

/** Stands while the last token of this browser is one that the server refused, and nobody has signed in or out since. */
const REFUSED_KEY = 'sessionExpired';

export const readAccessToken = (): string | null => localStorage.getItem(ACCESS_TOKEN_KEY);

/** Stores the token; null forgets it. */
export const writeAccessToken = (token: string | null): void => {
  localStorage.removeItem(REFUSED_KEY);
  if (token === null) localStorage.removeItem(ACCESS_TOKEN_KEY);
  else localStorage.setItem(ACCESS_TOKEN_KEY, token);
};

/** Forgets a token that the server refuses, and lets the other tabs know that nobody has signed out. */
export const forgetRefusedToken = (): void => {
  // First the note: the other tabs hear of the token alone, and look for the note then.
  localStorage.setItem(REFUSED_KEY, 'true');
  localStorage.removeItem(ACCESS_TOKEN_KEY);
};

/** Whether the session has ended because the server refused its token, and not by a sign-out. */
export const wasTokenRefused = (): boolean => localStorage.getItem(REFUSED_KEY) !== null;
