import { StatesocketError } from 'statesocket';
import { describe, expect, it } from 'vitest';
import { redactedError } from '../../src/sentry/redacted-error.ts';

const errorWith = (stack: string, cause?: unknown): StatesocketError => {
  const error = new StatesocketError('unknown-type', 'A message had no listener.', { cause });
  error.stack = stack;
  return error;
};

describe('an error as it leaves the page', () => {
  it('has the frames of its own stack, and no cause', () => {
    const redacted = redactedError(
      errorWith('StatesocketError: A message had no listener.\n    at here (app.js:1:2)'),
      7,
    );
    expect(redacted.message).toBe('A message had no listener. [unknown-type #7]');
    expect(redacted.stack).toBe(`${redacted.name}: ${redacted.message}\n    at here (app.js:1:2)`);
    expect(redacted.cause).toBeUndefined();
  });

  it('has the frames of what the app threw, without what that said', () => {
    const cause = new Error('a secret');
    cause.stack = 'Error: a secret\n    at theirs (app.js:3:4)';
    const { stack } = redactedError(errorWith('anything', cause), 1);
    expect(stack).toContain('at theirs (app.js:3:4)');
    expect(stack).not.toContain('a secret');
  });

  it('keeps a stack of its own where frames cannot be told from the message', () => {
    const redacted = redactedError(errorWith('somebody has written over it: a secret'), 1);
    expect(redacted.stack).not.toContain('a secret');
    expect(redacted.stack).not.toMatch(/\nnull$/);
    expect(redacted.stack).toContain('\n    at ');
  });
});
