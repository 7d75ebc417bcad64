import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SIGNALS } from '../../src/actors/app-signals.ts';
import { createErrorChannel } from '../../src/client/error-channel.ts';
import { StatesocketError } from '../../src/protocol/errors.ts';
import { mistake, type PlainCure } from '../../src/protocol/mistake.ts';

const NOBODY = 'Unknown message type: A. Nobody listens to it.';
const CURE = /Listen to it with on\(\)/;

const missed = (name: PlainCure = 'unheard') => mistake([name], 'unknown-type', NOBODY);

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.doUnmock('../../src/client/cures.ts');
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a mistake', () => {
  it('is told at once by what happened and why, and a moment later its message says what to write', async () => {
    const channel = createErrorChannel();
    const told: string[] = [];
    channel.onError(({ message }) => told.push(message));
    const error = missed();
    channel.report(error);
    expect(told).toEqual([NOBODY]);
    await vi.waitFor(() => expect(error.message).toMatch(CURE));
    expect(error.message.startsWith(`${NOBODY} `)).toBe(true);
    expect(told).toHaveLength(1);
  });

  it('that nobody heard goes to the console, and the cure in a second line', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    createErrorChannel().report(missed());
    expect(warn.mock.calls).toEqual([[`statesocket: unknown-type: ${NOBODY}`]]);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(2));
    expect(warn.mock.calls[1]?.[0]).toMatch(/^statesocket: unknown-type: Listen to it/);
  });

  it.each([
    ['that the app has frozen', () => {}],
    [
      'where console.warn throws, as of a test runner,',
      () => {
        throw new Error('no warnings here');
      },
    ],
  ])('%s ends no process when its cure comes', async (what, warn) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const warned = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const error = missed();
    createErrorChannel().report(what.includes('frozen') ? Object.freeze(error) : error);
    warned.mockImplementation(warn);
    await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2));
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(error.message).toBe(NOBODY);
  });

  it('that is told twice has its cure once', async () => {
    const channel = createErrorChannel();
    channel.onError(() => {});
    const error = missed();
    channel.report(error);
    channel.report(error);
    await vi.waitFor(() => expect(error.message).toMatch(CURE));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(error.message.match(/Listen to it/g)).toHaveLength(1);
  });

  it('of another kind than a mistake loads nothing', async () => {
    vi.doMock('../../src/client/cures.ts', () => {
      throw new Error('It was loaded.');
    });
    const { createErrorChannel: make } = await import('../../src/client/error-channel.ts');
    const channel = make();
    channel.onError(() => {});
    const error = new StatesocketError('not-connected', 'send() needs an open connection.');
    channel.report(error);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(error.message).toBe('send() needs an open connection.');
  });

  it('that an app listens for leaves the console alone, its cure included', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const channel = createErrorChannel();
    channel.onError(() => {});
    const error = missed();
    channel.report(error);
    await vi.waitFor(() => expect(error.message).toMatch(CURE));
    expect(warn).not.toHaveBeenCalled();
  });

  it.each<[PlainCure, RegExp]>([
    ['ack-codec', /Encode \{ type: 'ACK', messageId \} too, or leave out the ack option/],
    ['ack-failed', /Return undefined where there is no id/],
    ['ack-overflow', /let the ack option name no id for its replies/],
    ['altered', /^A Map, Set,.* are left out.*Send plain data: an array for a Map/],
    ['bad-id', /a string of 1 to 1024 characters, or a safe integer/],
    ['clock', /Pass a monotonic clock, or none/],
    ['delivery-missing', /pass delivery: durableDelivery\(\)/],
    ['idle-timeout', /Set `heartbeat: \{ intervalMs, timeoutMs, ping \}`/],
    ['made-too-many', /Call it once, outside of components/],
    ['no-socket', /option WebSocket, for Node 20 that of the ws package/],
    ['ping-unanswered', /Make `ping` a frame that it replies to/],
    ['same-place', /Make one with createConnection, outside of components/],
    ['signals', /Return a function that ends every source/],
    ['token-missing', /Call connect\(\) when there is a token/],
    ['unforeseen', /Add it to the schema, or stop sending it/],
    ['unheard', /Listen to it with on\(\) or onMessage\(\)/],
  ])('says what to write instead: %s', async (name, words) => {
    const { wordsOfCure } = await import('../../src/client/cures.ts');
    expect(wordsOfCure([name])).toMatch(words);
  });

  it('tells of the signals that there are', async () => {
    const channel = createErrorChannel();
    channel.onError(() => {});
    const error = missed('signals');
    channel.report(error);
    await vi.waitFor(() => expect(error.message).toContain('Tell one of'));
    for (const signal of SIGNALS) expect(error.message).toContain(signal);
  });
});

describe('where the cures cannot be had', () => {
  /** The parts of a page whose file of cures does not come. */
  const withoutCures = async () => {
    const asked = vi.fn(() => {
      throw new TypeError('Failed to fetch dynamically imported module');
    });
    vi.doMock('../../src/client/cures.ts', asked);
    const page = await import('../../src/client/error-channel.ts');
    const { mistake: make } = await import('../../src/protocol/mistake.ts');
    const channel = page.createErrorChannel();
    return { asked, channel, make: () => make(['unheard'], 'unknown-type', NOBODY) };
  };

  it('the short message stands, nothing is thrown, and they are asked for once', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { asked, channel, make } = await withoutCures();
    const told: string[] = [];
    channel.onError(({ message }) => told.push(message));
    const error = make();
    channel.report(error);
    await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
    await new Promise((resolve) => setTimeout(resolve, 5));
    channel.report(make());
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(asked).toHaveBeenCalledOnce();
    expect(error.message).toBe(NOBODY);
    expect(told).toEqual([NOBODY, NOBODY]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('since the page is offline, they are not asked for: some pages load themselves again after such a failure', async () => {
    vi.stubGlobal('navigator', { onLine: false });
    const { asked, channel, make } = await withoutCures();
    channel.onError(() => {});
    channel.report(make());
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).not.toHaveBeenCalled();
    vi.stubGlobal('navigator', { onLine: true });
    channel.report(make());
    await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
  });
});
