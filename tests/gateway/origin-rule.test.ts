import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type AllowedOrigins, originList } from '../../src/gateway/index.ts';
import { startGateway } from './support/gateway-harness.ts';

describe('allowedOrigins', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'https://a.example', 'allowedOrigins must be a list of origins'],
    ['nothing', undefined, 'allowedOrigins must be a list of origins'],
    ['true', true, 'allowedOrigins must be a list of origins'],
    ['a RegExp', /a\.example/, 'allowedOrigins must be a list of origins'],
    ['a slash at the end', ['https://a.example/'], 'Write "https://a.example".'],
    ['a path', ['https://a.example/app'], 'Write "https://a.example".'],
    ['capitals', ['https://A.example'], 'Write "https://a.example".'],
    ['the port that goes without saying', ['https://a.example:443'], 'Write "https://a.example".'],
    ['letters beyond ASCII', ['https://bücher.example'], 'Write "https://xn--bcher-kva.example".'],
    ['a password', ['https://me@a.example'], 'Write "https://a.example".'],
    ['no scheme', ['a.example'], 'Write "https://a.example".'],
    ['no scheme, and a path', ['a.example/app/'], 'Write "https://a.example".'],
    ['no scheme, of this computer', ['localhost:5173/'], 'Write "http://localhost:5173".'],
    ['no scheme, of its address', ['127.0.0.1:5173'], 'Write "http://127.0.0.1:5173".'],
    ['no scheme, of its address in IPv6', ['[::1]:5173/'], 'Write "http://[::1]:5173".'],
    ['no scheme, of a name that begins so', ['localhost.example'], 'Write "https://localhost.example".'],
    ['no scheme and no host', ['//'], 'Write one such as "https://example.org".'],
    ['a socket of this computer', ['ws://localhost:5173/'], 'write "http://localhost:5173".'],
    ['a star before a host', ['https://*.a.example'], 'is a pattern, and matches no page.'],
    ['the scheme of a socket', ['wss://a.example'], 'An Origin is of the page: write "https://a.example".'],
    ['a star', ['*'], 'write a function that returns true'],
    ['a pattern', ['https://*.a.example '], 'Write '],
    ['null', ['null'], 'what every sandboxed page sends'],
    ['an empty text', [''], 'Write an origin such as "https://example.org".'],
    ['a number', [7], 'Write an origin such as "https://example.org".'],
  ])('that no browser can match is refused at the start: %s', async (_what, allowedOrigins, advice) => {
    await expect(startGateway({ allowedOrigins: allowedOrigins as AllowedOrigins })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining(advice),
    });
  });

  it.each([
    'a.example/app/',
    'LOCALHOST:5173/',
    '//[::1]:5173/',
    'ws://127.0.0.1:3000/connect/',
    'wss://A.example/',
    'https://me@a.example/',
  ])('has one cure per entry: what is advised for %s is taken', (entry) => {
    let advice = '';
    try {
      originList([entry]);
    } catch (error) {
      advice = /[Ww]rite "([^"]+)"/.exec(String(error))?.[1] ?? '';
    }
    expect(originList([advice])(advice)).toBe(true);
  });

  it('names the entry that is wrong, of many', () => {
    expect(() => originList(['https://a.example', 'http://b.example:8080', 'https://c.example/'])).toThrow(
      /^allowedOrigins\[2\] /,
    );
  });

  it('knows the origins of apps in a shell, and lets in no other page than those listed', () => {
    const listed = [
      'https://a.example',
      'http://localhost:5173',
      'capacitor://localhost',
      'http://[::1]:3000',
    ];
    const isListed = originList(listed);
    for (const origin of listed) expect(isListed(origin)).toBe(true);
    for (const origin of [
      'https://a.example.org',
      'https://a.exampl',
      'https://a.example:444',
      'http://a.example',
      'https://b.a.example',
      'https://nota.example',
      '',
      'null',
    ]) {
      expect(isListed(origin), origin).toBe(false);
    }
  });

  it.each<[string, unknown, number]>([
    ['false, later', async () => false, 4403],
    ['false, at once', () => false, 4403],
    ['a rejection', async () => Promise.reject(new Error('config')), 1013],
    ['nothing', async () => undefined, 1013],
    ['a text, which is truthy', () => 'https://red.gift', 1013],
    ['1, which is truthy', async () => 1, 1013],
  ])('as a function lets nobody in that says %s', async (_what, allowedOrigins, code) => {
    const { dial, errors } = await startGateway({ allowedOrigins: allowedOrigins as AllowedOrigins });
    expect((await dial('anna', { origin: 'https://evil.example' }).closed).code).toBe(code);
    expect(errors.map((error) => error.code)).toEqual([
      code === 1013 ? 'authenticate-failed' : 'upgrade-refused',
    ]);
  });

  it('is what was checked at the start: a list that changes afterwards lets nobody in', () => {
    const origins = ['https://a.example'];
    const isListed = originList(origins);
    origins.push('*', 'https://evil.example');
    expect(['https://a.example', '*', 'https://evil.example', 'HTTPS://A.EXAMPLE'].map(isListed)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('as a function may take its time, and let in', async () => {
    const { dial, gateway } = await startGateway({
      allowedOrigins: async (origin) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return origin === 'https://a.example';
      },
    });
    await once(dial('anna', { origin: 'https://a.example' }).ws, 'open');
    expect(gateway.connectionCount).toBe(1);
  });
});

describe('authenticate', () => {
  it.each<[string, unknown, string]>([
    ['a number', { userId: 7 }, 'authenticate returned a userId that is a number. '],
    ['an empty text', { userId: '' }, 'authenticate returned a userId that is empty. '],
    ['null for an id', { userId: null }, 'authenticate returned a userId that is null. '],
    ['no id', { id: 'anna' }, 'authenticate returned a userId that is undefined. '],
    ['a boolean', true, 'authenticate returned boolean. '],
    ['nothing', undefined, 'authenticate returned undefined. '],
  ])(
    'that names a user by %s is told what to write, once a minute and not per connection',
    async (_what, verdict, message) => {
      const { dial, errors } = await startGateway({ authenticate: async () => verdict as never });
      for (let attempt = 0; attempt < 3; attempt += 1) expect((await dial('anna').closed).code).toBe(1013);
      expect(errors.map(({ code }) => code)).toEqual(['authenticate-failed']);
      expect(errors[0]?.message.startsWith(message)).toBe(true);
      expect(errors[0]?.message).toContain('It must resolve with { userId }');
    },
  );
});
