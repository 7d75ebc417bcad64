import { StatesocketError } from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';
import { describeFailure, SOCKET_FAILURES } from '../../src/protocol/socket-failure.ts';

describe('why a socket failed', () => {
  it('is a sentence of its own for each reason', () => {
    const sentences = SOCKET_FAILURES.map((why) => describeFailure({ why, httpStatus: null }));
    expect(new Set(sentences).size).toBe(SOCKET_FAILURES.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].{15,}[.?]$/);
  });

  it('names the HTTP status where one was told, and says nothing more where nothing was', () => {
    expect(describeFailure({ why: 'http', httpStatus: 503 })).toBe(
      'The server refused the handshake with HTTP 503.',
    );
    expect(describeFailure(null)).toBe('The WebSocket reported an error.');
    expect(describeFailure({ why: 'dns', httpStatus: null })).toBe("The host's name is not known.");
  });
});

describe('an error', () => {
  it('has its code, its words, its cause and why a socket failed', () => {
    const failure = { why: 'reset', httpStatus: null } as const;
    const cause = new Error('below');
    const error = new StatesocketError('socket-error', 'Lost.', { cause, failure });
    expect([error.name, error.code, error.message, error.cause, error.failure]).toEqual([
      'StatesocketError',
      'socket-error',
      'Lost.',
      cause,
      failure,
    ]);
    expect(String(error)).toBe('StatesocketError: Lost.');
    expect(new StatesocketError('disposed', 'Over.').failure).toBeNull();
  });
});
