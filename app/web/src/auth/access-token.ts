/** Where RednGift keeps the token. Nothing else reads or writes it. */
export const ACCESS_TOKEN_KEY = 'accessToken';

export const readAccessToken = (): string | null => localStorage.getItem(ACCESS_TOKEN_KEY);

/** Stores the token; null forgets it. */
export const writeAccessToken = (token: string | null): void => {
  if (token === null) localStorage.removeItem(ACCESS_TOKEN_KEY);
  else localStorage.setItem(ACCESS_TOKEN_KEY, token);
};
