import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createPasswordQueue, type PasswordQueue } from './password-queue.ts';

/** OWASP's scrypt setting for 16 MiB of memory: a sign-in takes some 0.2 s of one core, and so does each guess. */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Hashes and compares passwords. Each call waits for its turn, and is refused where too much waits: see PasswordQueue. */
export interface Passwords {
  /** A password as it is stored: salt and key, both base64url. */
  hash(password: string, address: string): Promise<string>;
  /**
   * Whether the password is the stored one. Without a stored one (no such account) it does the same work and returns
   * false, so that the time taken does not tell which addresses have an account.
   */
  verify(password: string, stored: string | undefined, address: string): Promise<boolean>;
  close(): Promise<void>;
}

export const createPasswords = (queue: PasswordQueue = createPasswordQueue()): Passwords => {
  const derive = (password: string, salt: Uint8Array, address: string) =>
    queue.run({ password: password.normalize('NFKC'), salt, bytes: KEY_BYTES, options: COST }, address);
  return {
    async hash(password, address) {
      const salt = randomBytes(SALT_BYTES);
      const key = await derive(password, salt, address);
      return `${salt.toString('base64url')}.${key.toString('base64url')}`;
    },
    async verify(password, stored, address) {
      const [salt = '', key = ''] = stored?.split('.') ?? [];
      const expected = stored === undefined ? randomBytes(KEY_BYTES) : Buffer.from(key, 'base64url');
      const actual = await derive(
        password,
        stored === undefined ? randomBytes(SALT_BYTES) : Buffer.from(salt, 'base64url'),
        address,
      );
      return timingSafeEqual(actual, expected) && stored !== undefined;
    },
    close: () => queue.close(),
  };
};
