import { StatesocketError } from 'statesocket/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../app/server/operations/log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const startLog = (level: Parameters<typeof createLog>[0] = 'info') => {
  const lines: string[] = [];
  const log = createLog(level, { write: (line) => void lines.push(line) });
  return { log, lines, read: () => lines.map((line) => JSON.parse(line)) };
};

describe('the log of the server', () => {
  it('is one line of JSON for each thing, with its code, its text and the connection it happened on', () => {
    const { log, lines, read } = startLog();
    log.error(new StatesocketError('engine-failed', 'disk\nfull'), 'A command failed.', {
      connectionId: '7',
    });
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(read()[0]).toMatchObject({
      level: 50,
      code: 'engine-failed',
      message: 'disk\nfull',
      msg: 'A command failed.',
      connectionId: '7',
    });
    expect(read()[0]).not.toHaveProperty('stack');
  });

  it('says as much as its level', () => {
    const { log, lines } = startLog('error');
    log.info('Draining.');
    log.error(new StatesocketError('socket-error', 'A peer reset.'));
    expect(lines).toEqual([]);
    log.error(new Error('bug'));
    expect(lines).toHaveLength(1);
  });

  it('prints five of a kind in 10 s, and then how many were left out', () => {
    const { log, read } = startLog();
    for (let n = 0; n < 40; n += 1) log.error(new StatesocketError('socket-error', `peer ${n}`));
    log.error(new TypeError('another kind'));
    expect(read()).toHaveLength(6);
    vi.advanceTimersByTime(10_000);
    expect(read().at(-1)).toMatchObject({ code: 'socket-error', leftOut: 35 });
    log.error(new StatesocketError('socket-error', 'again'));
    expect(read().at(-1)).toMatchObject({ message: 'again' });
    log.flush();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds no token, ticket, cookie or password, wherever it stands', () => {
    const { log, lines } = startLog();
    const cause = new Error('GET /connect/secret-ticket/ with Authorization: Bearer secret-token');
    log.error(new Error('bad /connect/secret-ticket/', { cause }), 'Failed.', {
      token: 'secret',
      request: { authorization: 'secret', cookie: 'secret', ticket: 'secret' },
    });
    log.info('Hello.', { password: 'secret', email: 'secret@example.org' });
    expect(lines.join('')).not.toContain('secret');
    expect(lines.join('')).toContain('[redacted]');
  });

  it('is not filled by what a peer wrote', () => {
    const { log, lines } = startLog();
    log.error(new Error('x'.repeat(1_000_000)));
    log.error('y'.repeat(1_000_000));
    expect(lines.join('').length).toBeLessThan(5_000);
  });
});
