import { type ConnectionSnapshot, describeConnection } from 'statesocket';
import { connectionPaths, createScenario } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
});

const NOW = 1_000_000;

const snapshot = (parts: Partial<ConnectionSnapshot>): ConnectionSnapshot => ({
  status: 'backoff',
  failure: null,
  retryCount: 1,
  maxRetries: 20,
  wait: null,
  nextRetryAt: null,
  lastEnd: null,
  ...parts,
});
const closed = (code: number) => ({ cause: 'closed' as const, code, reason: '', wasClean: code !== 1006 });
const ended = (cause: NonNullable<ConnectionSnapshot['lastEnd']>['cause']) => ({
  cause,
  code: null,
  reason: null,
  wasClean: null,
});
const waits = (why: NonNullable<ConnectionSnapshot['wait']>['why'], ms: number | null) => ({
  wait: { why, until: ms === null ? null : NOW + ms },
});

describe('the sentence for people', () => {
  it.each<[Partial<ConnectionSnapshot>, string]>([
    [{ status: 'idle' }, 'Not connected.'],
    [{ status: 'open' }, 'Connected.'],
    [{ status: 'loggedOut' }, 'Signed out.'],
    [{ status: 'connecting', retryCount: 0 }, 'Connecting…'],
    [{ status: 'connecting', retryCount: 0, lastEnd: closed(1012) }, 'Connecting again…'],
    [{ status: 'connecting', retryCount: 2 }, 'Trying again now (2 of 20).'],
    [{ status: 'connecting', retryCount: 2, maxRetries: null }, 'Trying again now.'],

    [{ ...waits('retry', 8_000), lastEnd: closed(1006) }, 'Connection lost. Trying again in 8 s (2 of 20).'],
    [{ ...waits('retry', 7_001), lastEnd: closed(1006) }, 'Connection lost. Trying again in 8 s (2 of 20).'],
    [{ ...waits('retry', -5), lastEnd: closed(1006) }, 'Connection lost. Trying again now (2 of 20).'],
    [
      { ...waits('retry', 125_000), lastEnd: closed(1006) },
      'Connection lost. Trying again in 2 min 5 s (2 of 20).',
    ],
    [
      { ...waits('retry', 7_500_000), lastEnd: closed(1006) },
      'Connection lost. Trying again in 2 h 5 min (2 of 20).',
    ],
    [
      { ...waits('retry', 8_000), lastEnd: closed(1006), maxRetries: null },
      'Connection lost. Trying again in 8 s.',
    ],
    [{ ...waits('retry', null), lastEnd: closed(1006) }, 'Connection lost. Trying again (2 of 20).'],
    [
      { ...waits('advised', 30_000), lastEnd: closed(1013) },
      'The server is busy. Trying again in 30 s (2 of 20).',
    ],
    [
      { ...waits('advised', 30_000), lastEnd: closed(4429), retryCount: 20 },
      'Too many requests. Trying again in 30 s.',
    ],
    [{ ...waits('spread', 2_000), lastEnd: closed(1012) }, 'The server is restarting. Trying again in 2 s.'],
    [
      { ...waits('throttled', 40_000), lastEnd: closed(1006) },
      'Connection lost. There were many attempts. Trying again in 40 s.',
    ],
    [{ ...waits('offline', 30_000), lastEnd: closed(1006) }, 'You are offline. Trying again in 30 s.'],
    [
      { ...waits('suspended', 30_000), lastEnd: ended('suspended') },
      'This page is paused. Trying again in 30 s.',
    ],
    [{}, 'Connection lost. Trying again.'],

    [
      { ...waits('retry', 1_000), lastEnd: ended('deadline') },
      'The server did not respond in time. Trying again in 1 s (2 of 20).',
    ],
    [
      { ...waits('retry', 1_000), lastEnd: ended('silent') },
      'The server has stopped responding. Trying again in 1 s (2 of 20).',
    ],
    [
      { ...waits('retry', 1_000), lastEnd: ended('token') },
      'Connection lost. Trying again in 1 s (2 of 20).',
    ],

    [
      { status: 'failed', failure: 'exhausted', lastEnd: closed(1006) },
      'Connection lost. Gave up after 20 retries.',
    ],
    [
      { status: 'failed', failure: 'exhausted', lastEnd: closed(1013), maxRetries: 1 },
      'The server is busy. Gave up after 1 retry.',
    ],
    [
      { status: 'failed', failure: 'exhausted', lastEnd: closed(1006), maxRetries: 0 },
      'Connection lost. Gave up.',
    ],
    [
      { status: 'failed', failure: 'rejected', lastEnd: closed(4401) },
      'The session has expired. Sign in again.',
    ],
    [{ status: 'failed', failure: 'rejected', lastEnd: closed(4403) }, 'This is not allowed.'],
    [{ status: 'failed', failure: 'rejected', lastEnd: closed(4123) }, 'The server refused the connection.'],
    [{ status: 'failed', failure: 'rejected', lastEnd: closed(1006) }, 'The server refused the connection.'],
    [
      { status: 'failed', failure: 'misconfigured', lastEnd: ended('impossible') },
      'This app cannot open a connection here.',
    ],
    [
      { status: 'failed', failure: 'misconfigured', lastEnd: ended('protocol') },
      'This app and the server do not understand each other.',
    ],
    [
      { status: 'failed', failure: 'crashed' },
      'The connection has stopped on a fault of this app. Reload the page.',
    ],
  ])('of %j is: %s', (parts, sentence) =>
    expect(describeConnection(snapshot(parts), { now: NOW })).toBe(sentence),
  );

  it('counts from the time of day where no time is given, and reads it only for a time to say', () => {
    const read = vi.spyOn(Date, 'now').mockReturnValue(NOW);
    expect(describeConnection(snapshot({ status: 'open' }))).toBe('Connected.');
    expect(read).not.toHaveBeenCalled();
    expect(describeConnection(snapshot(waits('retry', 8_000)))).toBe(
      'Connection lost. Trying again in 8 s (2 of 20).',
    );
  });

  it('says no times where now is null: a live region would read out each second', () => {
    const read = vi.spyOn(Date, 'now');
    const quiet = (why: 'retry' | 'offline') =>
      describeConnection(snapshot(waits(why, 8_000)), { now: null });
    expect(quiet('retry')).toBe('Connection lost. Trying again (2 of 20).');
    expect(quiet('offline')).toBe('You are offline. Trying again.');
    expect(read).not.toHaveBeenCalled();
  });

  it('is there for every snapshot that the chart can lead to', async () => {
    const sentences = new Set<string>();
    for (const path of connectionPaths()) {
      const { connection, clock, fires } = createScenario(path.options);
      const checks = (): void => {
        const sentence = describeConnection(connection.getSnapshot(), { now: clock.now() });
        expect(sentence).toMatch(/^[A-Z].*[.…]$/);
        expect(sentence).not.toMatch(/undefined|null|NaN|Infinity|-\d/);
        sentences.add(sentence.replace(/\d+/g, 'n'));
      };
      await path.run({ fires, passes: clock.passes, status: () => connection.status, checks });
      connection.dispose();
    }
    for (const sentence of [
      'Connecting…',
      'Connected.',
      'Signed out.',
      'Not connected.',
      'This page is paused. Trying again in n s.',
      'You are offline. Trying again in n s.',
    ]) {
      expect([...sentences]).toContain(sentence);
    }
  });
});
