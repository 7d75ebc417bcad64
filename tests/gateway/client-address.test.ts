import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { addressReader, type TrustProxy } from '../../src/gateway/index.ts';

const read = (trustProxy: TrustProxy | undefined, remoteAddress: string | undefined, forwarded?: string) =>
  addressReader(trustProxy)({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as IncomingMessage);

describe('the address that a client is counted under', () => {
  it.each<[string, TrustProxy | undefined, string | undefined, string | undefined, string]>([
    ['its own, and the header is not believed', undefined, '1.2.3.4', '9.9.9.9', '1.2.3.4'],
    ['its own with trustProxy false or 0', 0, '1.2.3.4', '9.9.9.9', '1.2.3.4'],
    ['IPv4 in the form of IPv6 is IPv4', false, '::ffff:1.2.3.4', undefined, '1.2.3.4'],
    ['IPv6 by its first 64 bits', false, '2001:db8::1:2:3:4:5', undefined, '2001:db8:0:1::/64'],
    ['IPv6 in short', false, '2001:db8::1', undefined, '2001:db8:0:0::/64'],
    ['IPv6 of the loopback', false, '::1', undefined, '0:0:0:0::/64'],
    [
      'IPv6 in full, in capitals, with zeros',
      false,
      '2001:0DB8:00A0:0001:2:3:4:5',
      undefined,
      '2001:db8:a0:1::/64',
    ],
    ['IPv6 with a zone', false, 'fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
    ['none on a Unix socket', false, undefined, undefined, ''],
    ['what the proxy on a Unix socket wrote', 1, undefined, '1.2.3.4', '1.2.3.4'],
    ['what the last proxy wrote', 1, '10.0.0.1', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['what the first of two proxies wrote', 2, '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
    ['the leftmost where fewer proxies wrote than are trusted', 3, '10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ["the proxy's where it wrote nothing", 1, '10.0.0.1', undefined, '10.0.0.1'],
    ["the proxy's where it wrote no address", 1, '10.0.0.1', 'unknown', '10.0.0.1'],
    ["the proxy's where it wrote nonsense", 1, '10.0.0.1', '1.2.3.4, 999.1.1.1', '10.0.0.1'],
    ['without the port that some proxies write', 1, '10.0.0.1', '1.2.3.4:5678', '1.2.3.4'],
    ['without brackets and port', 1, '10.0.0.1', '[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['the first that is on no list', ['10.0.0.0/8'], '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9', '1.2.3.4'],
    ['a stranger who dials past the proxy', ['10.0.0.0/8'], '1.2.3.4', '6.6.6.6', '1.2.3.4'],
    ['the network of a single address is itself', ['10.0.0.1'], '10.0.0.2', '6.6.6.6', '10.0.0.2'],
    [
      'names for what is local',
      ['loopback', 'private'],
      '::ffff:127.0.0.1',
      '1.2.3.4, 192.168.7.7',
      '1.2.3.4',
    ],
    ['proxies of IPv6', ['fd00::/8'], 'fd12::1', '1.2.3.4', '1.2.3.4'],
    [
      'the farthest proxy where all are trusted',
      ['loopback'],
      '127.0.0.1',
      '127.0.0.9, 127.0.0.2',
      '127.0.0.9',
    ],
  ])('is %s', (_what, trustProxy, remoteAddress, forwarded, expected) => {
    expect(read(trustProxy, remoteAddress, forwarded)).toBe(expected);
  });

  it.each<[TrustProxy, RegExp]>([
    [
      true as never,
      /^trustProxy must be a number of proxies or a list of their addresses\. `true` would believe/,
    ],
    ['loopback' as never, /^trustProxy must be a number of proxies or a list/],
    [-1, /^trustProxy must be a whole number of proxies/],
    [1.5, /^trustProxy must be a whole number of proxies/],
    [
      ['10.0.0.1', 'proxy.example'],
      /^trustProxy\[1\] is no IP address and no network\. Write "10\.1\.2\.3", /,
    ],
    [['10.0.0.0/33'], /^trustProxy\[0\] /],
    [['10.0.0.0/'], /^trustProxy\[0\] /],
    [['10.0.0.0/8/8'], /^trustProxy\[0\] /],
    [[''], /^trustProxy\[0\] /],
    [[7 as never], /^trustProxy\[0\] /],
  ])('cannot be read with trustProxy %j', (trustProxy, message) => {
    expect(() => addressReader(trustProxy)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(message) }),
    );
  });
});
