import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PasswordQueue } from '../../../app/server/accounts/password-queue.ts';
import { createPasswords } from '../../../app/server/accounts/passwords.ts';

type Task = Parameters<PasswordQueue['run']>[0];

/** Passwords whose work is done at once and costs nothing, and what was asked for. */
const start = () => {
  const tasks: (Task & { readonly address: string })[] = [];
  const passwords = createPasswords({
    async run(task, address) {
      tasks.push({ ...task, address });
      return scryptSync(task.password, task.salt, task.bytes, { N: 2, r: 1, p: 1 });
    },
    close: async () => {},
  });
  return { passwords, tasks };
};

describe('a password', () => {
  it('is stored with a salt of its own: two people with the same one have nothing in common', async () => {
    const { passwords, tasks } = start();
    const [first, second] = [await passwords.hash('same', 'here'), await passwords.hash('same', 'here')];
    expect(first).not.toBe(second);
    expect(tasks[0]?.salt).not.toEqual(tasks[1]?.salt);
    for (const { salt, bytes, options } of tasks) {
      expect([salt.length, bytes]).toEqual([16, 32]);
      // OWASP's setting for 16 MiB.
      expect(options).toEqual({ N: 16_384, r: 8, p: 5 });
    }
    for (const stored of [first, second]) expect(await passwords.verify('same', stored, 'here')).toBe(true);
  });

  it('is the same however a keyboard composes its letters', async () => {
    const { passwords } = start();
    const stored = await passwords.hash('caf\u00e9 \u212b', 'here');
    for (const typed of ['cafe\u0301 \u00c5', 'caf\u00e9 A\u030a'])
      expect(await passwords.verify(typed, stored, 'here')).toBe(true);
    for (const typed of ['cafe \u00c5', 'CAF\u00c9 \u00c5', 'caf\u00e9 \u00c5 '])
      expect(await passwords.verify(typed, stored, 'here')).toBe(false);
  });

  it('is compared as a whole: another last byte of the key is another password', async () => {
    const { passwords } = start();
    const stored = await passwords.hash('right', 'here');
    const [salt = '', key = ''] = stored.split('.');
    for (const at of [0, 15, 31]) {
      const other = Buffer.from(key, 'base64url');
      other[at] = (other[at] ?? 0) ^ 1;
      expect(await passwords.verify('right', `${salt}.${other.toString('base64url')}`, 'here')).toBe(false);
    }
  });

  it('costs the same work of the same address where there is no account, and is never right', async () => {
    const { passwords, tasks } = start();
    const stored = await passwords.hash('right', 'here');
    expect(await passwords.verify('right', stored, 'there')).toBe(true);
    expect(await passwords.verify('right', undefined, 'there')).toBe(false);
    const [, known, unknown] = tasks.map(({ salt, ...task }) => ({ ...task, saltBytes: salt.length }));
    expect(unknown).toEqual(known);
  });
});
