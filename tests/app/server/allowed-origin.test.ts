import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createOriginCheck } from '../../../app/server/socket/allowed-origin.ts';

const asked = (origin: string | undefined, host: string | undefined, others: readonly string[] = []) =>
  createOriginCheck(others)(origin, { headers: host === undefined ? {} : { host } } as IncomingMessage);

describe('a page may open a socket', () => {
  it.each([
    ['http://redngift.example', 'redngift.example'],
    ['https://redngift.example', 'redngift.example'],
    ['https://redngift.example:8443', 'redngift.example:8443'],
    ['http://[::1]:3000', '[::1]:3000'],
  ])('when it is of the very host that the request went to: %s at %s', (origin, host) => {
    expect(asked(origin, host)).toBe(true);
  });

  it.each([
    // Whoever owns a name that ends, begins or goes on like ours is not us.
    ['https://evil-redngift.example', 'redngift.example'],
    ['https://evil.redngift.example', 'redngift.example'],
    ['https://redngift.example.evil.example', 'redngift.example'],
    ['https://redngift.example.evil', 'redngift.example'],
    ['https://redngift.exampl', 'redngift.example'],
    ['https://example', 'redngift.example'],
    ['https://evil.example#redngift.example', 'redngift.example'],
    ['https://evil.example/redngift.example', 'redngift.example'],
    ['https://redngift.example@evil.example', 'redngift.example'],
    // Another port is another origin, and so is none.
    ['https://redngift.example:8443', 'redngift.example'],
    ['https://redngift.example', 'redngift.example:8443'],
    ['https://redngift.example:80', 'redngift.example:8'],
    // Only what is served over HTTP is a page of ours.
    ['redngift.example', 'redngift.example'],
    ['//redngift.example', 'redngift.example'],
    ['ftp://redngift.example', 'redngift.example'],
    ['chrome-extension://redngift.example', 'redngift.example'],
    ['xhttps://redngift.example', 'redngift.example'],
    ['null', 'null'],
    ['', ''],
    ['', 'redngift.example'],
    ['https://undefined', undefined],
    ['https://redngift.example', undefined],
  ])('and not otherwise: %j at %j', (origin, host) => {
    expect(asked(origin, host)).toBe(false);
  });

  it('when its origin is listed, as a whole, whatever the host', () => {
    const others = ['https://a.example', 'http://localhost:5173'];
    for (const origin of others) expect(asked(origin, 'redngift.example', others)).toBe(true);
    for (const origin of [
      'https://a.example.org',
      'https://b.a.example',
      'http://a.example',
      'a.example',
      '',
    ]) {
      expect(asked(origin, 'redngift.example', others), origin).toBe(false);
    }
  });

  it('when there is no page: who sends no Origin is no browser, and its token decides', () => {
    expect(asked(undefined, 'redngift.example')).toBe(true);
  });
});
