import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import { createRefusedOrigins } from '../../src/gateway/wire/refused-origins.ts';
import type { StatesocketError } from '../../src/protocol/index.ts';
import { startGateway } from './support/gateway-harness.ts';

const watch = () => {
  const clock = createVirtualClock();
  const errors: StatesocketError[] = [];
  const refuse = createRefusedOrigins(clock, (error) => errors.push(error));
  return { clock, errors, refuse, messages: () => errors.map(({ message }) => message) };
};

describe('a page that may not connect', () => {
  it('is told to the operator once, with its origin and how to let it in', async () => {
    const { dial, errors } = await startGateway({ allowedOrigins: ['https://a.example'] });
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect((await dial('anna', { origin: 'http://localhost:5173' }).closed).code).toBe(4403);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      [
        'upgrade-refused',
        'A page was refused with 4403, since its Origin is "http://localhost:5173". If the page is yours, put ' +
          '"http://localhost:5173" into allowedOrigins, or return true for it where that is a function.',
      ],
    ]);
  });

  it('is printed where the app has no onError, without the token', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { dial } = await startGateway({ allowedOrigins: [], onError: undefined as never });
    await dial('anna', { origin: 'https://b.example' }).closed;
    const lines = printed.mock.calls.map(([line]) => String(line));
    printed.mockRestore();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^statesocket gateway: upgrade-refused: .*"https:\/\/b\.example" into allowedOrigins/,
    );
    expect(lines[0]).not.toContain('token-of-anna');
  });

  it('that nobody can list is told without that advice', () => {
    const { refuse, messages } = watch();
    for (const header of ['null', 'https://a.example/', 'no origin at all', 'data:text/html,x'])
      refuse(header);
    expect(messages()).toEqual([
      expect.stringContaining('its Origin is "null". Sandboxed pages and files send it'),
      expect.stringContaining('its Origin is "https://a.example". No browser sends'),
      expect.stringContaining('its Origin is a text that is no origin. No browser sends'),
    ]);
  });

  it('writes nothing into the log but a scheme and a host: no path, no query, no colours, no more than 100 characters', () => {
    const { refuse, messages } = watch();
    refuse('https://user:secret@a.example/connect/secret/?token=secret#secret');
    refuse('x://\u001b[31mred\n\u202e');
    refuse('evil://caf\u00e9\u2028line');
    refuse(`https://${'a'.repeat(60)}.${'b'.repeat(5_000)}.example`);
    for (const message of messages()) {
      expect(message).not.toContain('secret');
      expect(message).toMatch(/^[\x20-\x7e]+$/);
      expect(message.length).toBeLessThan(400);
    }
  });

  it('is one of many in a flood: five are told in a minute, the others counted, and one that was told is not told again', () => {
    const { clock, refuse, messages } = watch();
    for (let i = 0; i < 10_000; i += 1) refuse(`https://evil-${i}.example`);
    expect(messages()).toHaveLength(5);
    clock.passes(60_000);
    refuse('https://evil-0.example');
    expect(messages()).toHaveLength(5);
    refuse('https://mine.example');
    expect(messages()[5]).toContain('"https://mine.example" into allowedOrigins');
    expect(messages()[5]).toContain(' 9995 more of other origins were refused since the last report.');
    clock.passes(60_000);
    refuse('https://evil-9.example');
    expect(messages()[6]).not.toContain('more of other origins');
  });
});
