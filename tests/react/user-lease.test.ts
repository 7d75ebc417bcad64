import { createScenario } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { ProvidedConnection } from '../../src/react/register.ts';
import { createLease } from '../../src/react/user-lease.ts';

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
});
afterEach(() => vi.restoreAllMocks());

/** Leases of one connection, and what they asked of it, in order. */
const setUp = () => {
  const { connection } = createScenario();
  const asked: string[] = [];
  vi.spyOn(connection, 'connect').mockImplementation(({ userId }) => void asked.push(`connect ${userId}`));
  vi.spyOn(connection, 'disconnect').mockImplementation(() => void asked.push('disconnect'));
  vi.spyOn(connection, 'logout').mockImplementation(() => void asked.push('logout'));
  const mounts = (userId: string | null) => {
    const lease = createLease(connection as ProvidedConnection);
    const release = lease.hold();
    lease.name(userId);
    return { name: lease.name, release };
  };
  const asks = async () => {
    await Promise.resolve();
    return asked.splice(0);
  };
  return { mounts, asks };
};

describe('the leases of one connection', () => {
  it('serve the other user when the one that is served goes', async () => {
    const { mounts, asks } = setUp();
    mounts('ada');
    const { release } = mounts('ben');
    expect(await asks()).toEqual(['connect ada', 'connect ben']);
    release();
    expect(await asks()).toEqual(['connect ada']);
  });

  it('ask for nothing when one goes that is not served', async () => {
    const { mounts, asks } = setUp();
    const { release } = mounts('ada');
    mounts('ben');
    await asks();
    release();
    expect(await asks()).toEqual([]);
  });

  it('ask for nothing when one of two of the same user goes', async () => {
    const { mounts, asks } = setUp();
    const { release } = mounts('ada');
    mounts('ada');
    expect(await asks()).toEqual(['connect ada']);
    release();
    expect(await asks()).toEqual([]);
  });

  it('ask for nothing when one goes that named nobody, and another stays; the last of them disconnects', async () => {
    const { mounts, asks } = setUp();
    const [one, other] = [mounts(null), mounts(null)];
    one.release();
    expect(await asks()).toEqual([]);
    other.release();
    expect(await asks()).toEqual(['disconnect']);
  });

  it('connect once where one that named nobody goes as another comes and names somebody', async () => {
    const { mounts, asks } = setUp();
    const { release } = mounts(null);
    await asks();
    release();
    mounts('ada');
    expect(await asks()).toEqual(['connect ada']);
  });

  it('say nothing of a user who was away for a moment of one commit', async () => {
    const { mounts, asks } = setUp();
    mounts('ada');
    const { name } = mounts('ada');
    name(null);
    name('ada');
    await asks();
    expect(warn).not.toHaveBeenCalled();
  });

  it('disconnect once the last that names a user goes', async () => {
    const { mounts, asks } = setUp();
    mounts(null);
    const { release } = mounts('ada');
    expect(await asks()).toEqual(['connect ada']);
    release();
    expect(await asks()).toEqual(['disconnect']);
  });

  it('log out when the user of the only one that names any goes', async () => {
    const { mounts, asks } = setUp();
    const { name } = mounts('ada');
    name(null);
    expect(await asks()).toEqual(['connect ada', 'logout']);
    name(null);
    expect(await asks()).toEqual([]);
  });

  it('serve the other user when the one that is served signs out, and say that they disagree', async () => {
    const { mounts, asks } = setUp();
    mounts('ada');
    const { name } = mounts('ben');
    await asks();
    name(null);
    expect(await asks()).toEqual(['connect ada']);
    expect(warn).toHaveBeenCalledOnce();
    expect(String(warn.mock.calls[0])).toMatch(
      /providers-disagree.*name different users, or one says that nobody.*The user that was named last is served.*Give all of them the same userId, or each user a connection/,
    );
  });
});
