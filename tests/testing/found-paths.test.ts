import { connectionMachine } from 'statesocket/machines';
import { type ConnectionPath, connectionPaths } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

let found: readonly ConnectionPath[] | undefined;
/** Found within a test, and not while the file loads: a search that fails is a test that fails. */
const paths = (): readonly ConnectionPath[] => {
  found ??= connectionPaths();
  return found;
};

const eventsOf = () => paths().flatMap(({ steps }) => steps.map(({ event }) => event));

describe('the events of the paths', () => {
  it('are those of the chart, and time that passes', () => {
    const types = new Set(eventsOf().map(({ type }) => type as string));
    const known = new Set([...connectionMachine.events, 'time.passes'] as string[]);
    expect([...types].filter((type) => !known.has(type) || type.startsWith('xstate.'))).toEqual([]);
    // Of a disposal the app is told nothing.
    expect(types).not.toContain('user.dispose');
  });

  it('have closes as servers make them: only the cut is not clean, and none has a reason', () => {
    const closes = eventsOf().flatMap((event) => (event.type === 'socket.closed' ? [event] : []));
    expect(closes.length).toBeGreaterThan(0);
    for (const { code, reason, wasClean } of closes) expect([reason, wasClean]).toEqual(['', code !== 1006]);
  });

  it('have a token that could not be had', () => {
    const failures = eventsOf().filter(({ type }) => type === 'attempt.failed');
    expect(failures).toContainEqual({ type: 'attempt.failed', cause: 'token' });
  });
});

describe('a path', () => {
  it('begins with somebody who connects, and no step is there twice in a row', () => {
    for (const { steps } of paths()) expect(steps[0]?.event.type).toBe('user.connect');
  });

  it('is made for a connection that takes the word of an app on one code alone', () => {
    const [path] = paths();
    const close = { reason: '', wasClean: true, failure: null };
    expect(path?.options.classifyClose({ ...close, code: 4900 })).toEqual({
      then: 'refresh',
      minDelayMs: 7_000,
    });
    expect(path?.options.classifyClose({ ...close, code: 4403 })).toBeUndefined();
  });

  it('has its events in words, and the status at its end', () => {
    const titles = paths().map(({ title }) => title);
    expect(titles).toContainEqual(expect.stringMatching(/^ada connects, .+: \w+/));
    expect(titles).toContainEqual(expect.stringMatching(/^11 users connect, .*/));
    expect(titles).toContainEqual(expect.stringContaining('(stableAfterMs is 0)'));
    for (const { title, steps } of paths()) expect(title).toContain(`: ${steps.at(-1)?.status}`);
  });
});
