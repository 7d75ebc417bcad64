import { createConnection, StatesocketError } from 'statesocket';
import { ERROR_CODES } from 'statesocket/protocol';
import { NOT_REPORTED, reportToSentry, type SentryLike } from 'statesocket/sentry';
import { createFakeServer } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';

/** Only the error channel is the test's: it says each code that there is. */
const setUp = (sentry: Pick<SentryLike, 'withScope'> = {}) => {
  let say: (error: StatesocketError) => void = () => {};
  const connection = createConnection({
    url: 'wss://redngift.test/',
    WebSocket: createFakeServer().WebSocket,
  });
  vi.spyOn(connection, 'onError').mockImplementation((listener) => {
    say = listener;
    return () => {};
  });
  const captureException = vi.fn();
  reportToSentry(connection, { ...sentry, captureException });
  return { captureException, say: (error: StatesocketError) => say(error) };
};

describe('what is reported', () => {
  it.each(ERROR_CODES.filter((code) => NOT_REPORTED[code] === undefined))('%s is, once', (code) => {
    const { captureException, say } = setUp();
    say(new StatesocketError(code, 'It went wrong.', { cause: new Error('private') }));
    expect(captureException).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ name: 'StatesocketError', code }),
      expect.objectContaining({
        tags: { component: 'WebSocket' },
        extra: { userId: null },
        fingerprint: expect.arrayContaining(['statesocket', code]),
      }),
    );
    expect(captureException.mock.calls[0]?.[0]).not.toHaveProperty('cause');
  });

  it.each(Object.keys(NOT_REPORTED))('%s is not', (code) => {
    const { captureException, say } = setUp();
    say(new StatesocketError(code as keyof typeof NOT_REPORTED, 'It was refused.'));
    expect(captureException).not.toHaveBeenCalled();
  });

  it('a stand-in for Sentry whose withScope runs nothing gets the error all the same', () => {
    const { captureException, say } = setUp({ withScope: () => {} });
    say(new StatesocketError('socket-error', 'It went wrong.'));
    expect(captureException).toHaveBeenCalledOnce();
  });

  it('a Sentry with scopes gets it once', () => {
    const { captureException, say } = setUp({
      withScope: (run) => run({ addEventProcessor: () => {} } as never),
    });
    say(new StatesocketError('socket-error', 'It went wrong.'));
    expect(captureException).toHaveBeenCalledOnce();
  });

  it('a Sentry that throws breaks nothing', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const connection = createConnection({
      url: 'wss://redngift.test/',
      WebSocket: createFakeServer().WebSocket,
    });
    const heard: string[] = [];
    reportToSentry(connection, {
      captureException: () => {
        throw new Error('no Sentry');
      },
    });
    connection.onError((error) => heard.push(error.code));
    const circular: { type: string; self?: unknown } = { type: 'A' };
    circular.self = circular;
    expect(connection.send(circular)).toBe('refused');
    expect(heard).toEqual(['message-not-serialisable']);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
