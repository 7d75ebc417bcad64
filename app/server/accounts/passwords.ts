import { randomBytes, scrypt as scryptWithCallback, timingSafeEqual } from 'node:crypto';

/** OWASP's scrypt setting for 16 MiB of memory: a sign-in takes some 0.2 s of one core, and so does each guess. */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;

const scrypt = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scryptWithCallback(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** A password as it is stored: salt and key, both base64url. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(SALT_BYTES);
  const key = await scrypt(password, salt);
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
};

/**
 * Whether the password is the stored one. Without a stored one (no such account) it does the same work and answers
 * false, so that the time taken does not tell which addresses have an account.
 */
export const verifyPassword = async (password: string, stored: string | undefined): Promise<boolean> => {
  const [salt = '', key = ''] = stored?.split('.') ?? [];
  const expected = stored === undefined ? randomBytes(KEY_BYTES) : Buffer.from(key, 'base64url');
  const actual = await scrypt(
    password,
    stored === undefined ? randomBytes(SALT_BYTES) : Buffer.from(salt, 'base64url'),
  );
  return timingSafeEqual(actual, expected) && stored !== undefined;
};
