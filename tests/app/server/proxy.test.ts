import { describe, expect, it } from 'vitest';
import { call, signUp } from './support/person.ts';
import { startTestServer } from './support/test-server.ts';

describe('guessing a password behind a proxy', () => {
  /** The status of one more wrong guess, from an address that the proxy tells. */
  const guess = async (url: string, email: string, forwarded: string) => {
    const body = { email, password: 'a wrong password of some length' };
    return (await call(url, 'POST', '/api/session', { body, headers: { 'x-forwarded-for': forwarded } }))
      .status;
  };

  /** Guesses until it is refused, each time with another address in front. */
  const guessUntilRefused = async (url: string, email: string, told: string) => {
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const status = await guess(url, email, `6.6.6.${attempt}${told}`);
      if (status === 429) return;
      expect(status).toBe(401);
    }
    throw new Error('Thirty guesses were not refused.');
  };

  it('is counted by the address that the proxy of TRUST_PROXY saw, not by what a client wrote before it', async () => {
    const { url } = await startTestServer({ trustProxy: 1 });
    const { email } = await signUp(url, 'Eve');
    await guessUntilRefused(url, email, ', 1.1.1.1');
    expect(await guess(url, email, '1.1.1.1')).toBe(429);
    expect(await guess(url, email, '1.1.1.2')).toBe(401);
  });

  it('is counted by the address of the connection where no proxy is named, whatever the header says', async () => {
    const { url } = await startTestServer();
    const { email } = await signUp(url, 'Eve');
    await guessUntilRefused(url, email, '');
    expect(await guess(url, email, '1.1.1.2')).toBe(429);
  });
});
