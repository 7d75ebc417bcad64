import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { StatesocketError } from '../../protocol/errors.ts';

/**
 * Whose `X-Forwarded-For` is believed: how many proxies stand before the server, or their addresses and networks
 * (`10.0.0.0/8`, `loopback`, `private`). `false` is 0.
 */
export type TrustProxy = false | number | readonly string[];

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};

/** What is looked at of a request; an `IncomingMessage` has it. */
export interface AddressedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** An IP address without port, brackets, zone and the IPv6 form of IPv4; undefined where it is none. */
const bareAddress = (text: string): string | undefined => {
  const trimmed = text.trim();
  const inBrackets = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1];
  const withPort = /^([\d.]+):\d+$/.exec(trimmed)?.[1];
  const bare = (inBrackets ?? withPort ?? trimmed).replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIP(bare) === 0 ? undefined : bare;
};

/**
 * What an address is counted under: IPv4 as it is, IPv6 by its first 64 bits, since whoever has one such address has all
 * of its network.
 */
const networkOf = (address: string): string => {
  if (!address.includes(':')) return address;
  const [before = '', after] = address.toLowerCase().split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const front = groups(before);
  const back = groups(after ?? '');
  // A dotted quad at the end stands for two groups.
  const count = front.length + back.length + (address.includes('.') ? 1 : 0);
  const all = after === undefined ? front : [...front, ...Array<string>(8 - count).fill('0'), ...back];
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
};

const badTrust = (what: string) => new StatesocketError('bad-option', `trustProxy${what}`);

const listOf = (entries: readonly string[]): BlockList => {
  const list = new BlockList();
  const add = (at: number, entry: string) => {
    const [address = '', bits, more] = String(entry).split('/');
    const kind = isIP(address);
    const most = kind === 4 ? 32 : 128;
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (kind === 0 || more !== undefined || !isNetwork) {
      throw badTrust(
        `[${at}] is no IP address and no network. Write "10.1.2.3", "10.0.0.0/8", "loopback" or "private".`,
      );
    }
    list.addSubnet(address, bits === undefined ? most : Number(bits), kind === 4 ? 'ipv4' : 'ipv6');
  };
  for (const [at, entry] of entries.entries()) {
    for (const network of NAMED[entry] ?? [entry]) add(at, network);
  }
  return list;
};

/** Whether the proxy at an address, `hop` steps from the server, is believed. */
const trustOf = (setting: TrustProxy): ((address: string, hop: number) => boolean) => {
  if (setting === false) return () => false;
  if (typeof setting === 'number') {
    if (Number.isSafeInteger(setting) && setting >= 0) return (_address, hop) => hop < setting;
    throw badTrust(' must be a whole number of proxies, from 0.');
  }
  if (!Array.isArray(setting)) {
    throw badTrust(
      ' must be a number of proxies or a list of their addresses. `true` would believe whatever anybody writes.',
    );
  }
  const list = listOf(setting);
  return (address) => address !== '' && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
};

/**
 * Makes the function that says which network a request comes from, for limits by address: an IPv4 address, or the first 64
 * bits of an IPv6 one.
 *
 * `X-Forwarded-For` is read from the right, as far as the proxies are trusted: what stands left of that anybody can have
 * written. What is no IP address ends the reading, and the proxy that told it is the one counted. Without `trustProxy` the
 * header is not looked at. `Forwarded` (RFC 7239) is not read. A Unix socket has no address: the result is empty then.
 *
 * @throws {StatesocketError} `bad-option` for an entry that is no address.
 * @example
 * const addressOf = addressReader(1); // one nginx before us
 * server.on('request', (request) => limit.count(addressOf(request)));
 */
export const addressReader = (trustProxy: TrustProxy = false): ((request: AddressedRequest) => string) => {
  const trusts = trustOf(trustProxy);
  return (request) => {
    let address = bareAddress(request.socket.remoteAddress ?? '') ?? '';
    if (!trusts(address, 0)) return networkOf(address);
    const { 'x-forwarded-for': header = '' } = request.headers;
    const told = String(header).split(',');
    for (let hop = 0; trusts(address, hop); hop += 1) {
      const before = bareAddress(told.pop() ?? '');
      if (before === undefined) break;
      address = before;
    }
    return networkOf(address);
  };
};

/** What is wrong with a `trustProxy` option, and what to write; null when it can be read. */
export const faultOfTrust = (trustProxy: TrustProxy): string | null => {
  try {
    trustOf(trustProxy);
    return null;
  } catch (fault) {
    if (fault instanceof StatesocketError) return fault.message;
    throw fault;
  }
};
