import { describe, expect, it } from 'vitest';
import { closestName } from '../../src/lib/closest-name.ts';

const NAMES = [
  'url',
  'getToken',
  'maxRetries',
  'connectTimeoutMs',
  'stableAfterMs',
  'heartbeat',
  'WebSocket',
];

describe('the name that was probably meant', () => {
  it.each([
    ['maxRetry', 'maxRetries'],
    ['maxretries', 'maxRetries'],
    ['URL', 'url'],
    ['heartBeat', 'heartbeat'],
    ['websocket', 'WebSocket'],
    ['hartbeat', 'heartbeat'],
    ['timeoutMs', 'connectTimeoutMs'],
    ['token', 'getToken'],
  ])('by %s is %s', (word, name) => expect(closestName(word, NAMES)).toBe(name));

  it.each(['', 'x', 'shouldReconnect', 'debug', 'm'.repeat(100_000)])('of %s is none', (word) =>
    expect(closestName(word, NAMES)).toBeNull(),
  );

  it('is near by a third of all its letters, the last one too, and no further', () => {
    expect(closestName('abcdef', ['abc'])).toBeNull();
    expect(closestName('abcdef', ['abcd'])).toBe('abcd');
  });

  it('holds a word of four letters as a part, and none of three', () => {
    expect(closestName('ping', ['pingIntervalMs'])).toBe('pingIntervalMs');
    expect(closestName('pin', ['pingIntervalMs'])).toBeNull();
  });

  it('is the first of two that are equally near', () => {
    expect(closestName('cat', ['bat', 'hat'])).toBe('bat');
  });
});
