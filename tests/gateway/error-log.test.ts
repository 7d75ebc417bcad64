import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createErrorLog } from '../../src/gateway/index.ts';
import { StatesocketError } from '../../src/protocol/index.ts';

const start = () => {
  const clock = createVirtualClock();
  const lines: string[] = [];
  const log = createErrorLog({ prefix: 'gate', print: (line) => lines.push(line), clock });
  return { clock, lines, log };
};

describe('the log of errors', () => {
  it('prints one line each, with code and cause and without a stack', () => {
    const { lines, log } = start();
    log(
      new StatesocketError('engine-failed', 'The log could not be read.', {
        cause: new TypeError('disk full'),
      }),
    );
    log(new RangeError('no code'));
    log(Object.assign(new SyntaxError('of a platform'), { code: 12 }));
    log('a text');
    expect(lines).toEqual([
      'gate: engine-failed: The log could not be read. (TypeError: disk full)',
      'gate: RangeError: no code',
      'gate: SyntaxError: of a platform',
      'gate: error: a text',
    ]);
  });

  it('keeps no process alive for a line that is not told yet', () => {
    const timers: NodeJS.Timeout[] = [];
    const clock = {
      ...createVirtualClock(),
      setTimeout(run: () => void, ms: number) {
        const timer = setTimeout(run, ms);
        timers.push(timer);
        return timer;
      },
      clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
    };
    const log = createErrorLog({ print() {}, clock });
    for (let n = 0; n < 7; n += 1) log(new StatesocketError('socket-error', 'a peer'));
    expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
    log.flush();
  });

  it('prints five of a code in 10 s, and then how many were left out', () => {
    const { clock, lines, log } = start();
    for (let n = 0; n < 320; n += 1) log(new StatesocketError('socket-error', `peer ${n}`));
    log(new StatesocketError('engine-failed', 'another kind'));
    expect(lines).toHaveLength(6);
    clock.passes(10_000);
    expect(lines.slice(6)).toEqual(['gate: socket-error: 315 more like it were left out.']);
    log(new StatesocketError('socket-error', 'later'));
    expect(lines.at(-1)).toBe('gate: socket-error: later');
  });

  it('tells at the end what it has not told yet, and leaves no timer (I10)', () => {
    const { clock, lines, log } = start();
    for (let n = 0; n < 7; n += 1) log(new StatesocketError('socket-error', `peer ${n}`));
    log.flush();
    expect(lines.at(-1)).toBe('gate: socket-error: 2 more like it were left out.');
    expect(clock.timerCount).toBe(0);
  });

  it('cannot be made to write lines or colours of a stranger', () => {
    const { lines, log } = start();
    log(new Error(`bad\nroot: all is well\r\n\u001b[31m${'x'.repeat(5_000)}`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^gate: Error: bad root: all is well \[31mx+…$/);
    expect(lines[0]?.length).toBeLessThan(500);
  });
});
