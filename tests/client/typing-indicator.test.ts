import { createTypingIndicator, type SendResult } from 'statesocket';
import { describe, expect, it } from 'vitest';

const setUp = (answer: SendResult = 'sent') => {
  const sent: unknown[] = [];
  let now = 0;
  const connection = {
    status: 'open' as 'open' | 'backoff',
    send: (message: unknown): SendResult => {
      sent.push(message);
      return answer;
    },
  };
  const typing = createTypingIndicator(connection, { now: () => now });
  return {
    connection,
    typing,
    sent,
    passes: (ms: number) => {
      now += ms;
    },
  };
};

describe('the typing indicator', () => {
  it('sends at once, then at most once a second for a conversation', () => {
    const { typing, sent, passes } = setUp();
    expect([typing('c1'), typing('c1')]).toEqual(['sent', 'skipped']);
    passes(999);
    expect(typing('c1')).toBe('skipped');
    passes(1);
    expect(typing('c1')).toBe('sent');
    expect(sent).toEqual([
      { type: 'TYPING', conversationId: 'c1' },
      { type: 'TYPING', conversationId: 'c1' },
    ]);
  });

  it('counts each conversation by itself', () => {
    const { typing, sent } = setUp();
    typing('c1');
    typing('c2');
    expect(sent.length).toBe(2);
  });

  it('sends nothing while the connection is not open, and at once when it is again', () => {
    const { connection, typing, sent } = setUp();
    connection.status = 'backoff';
    expect(typing('c1')).toBe('skipped');
    expect(sent).toEqual([]);
    connection.status = 'open';
    expect(typing('c1')).toBe('sent');
  });

  it('does not count a hint that the socket refused', () => {
    const { typing, sent } = setUp('refused');
    expect(typing('c1')).toBe('skipped');
    typing('c1');
    expect(sent.length).toBe(2);
  });
});
