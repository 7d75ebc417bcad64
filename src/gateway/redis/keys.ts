import { createHash } from 'node:crypto';

/** How many channels the doorbells of all users share: a process hears those that one of its users has. */
const PARTITIONS_COUNT = 64;
const HASH_SLOTS_COUNT = 16_384;

// As bytes of UTF-16, since UTF-8 has no half of a surrogate pair.
const digest = (name: string) => createHash('sha256').update(Buffer.from(name, 'utf16le')).digest();

/**
 * A name from outside as a part of a key. One that could be more than a name, through a brace or a colon, or that is long, is
 * replaced by a hash of it, which begins with a character that no name that stays has.
 */
const tagOf = (name: string): string =>
  /^[\w.@+-]{1,64}$/.test(name) ? name : `#${digest(name).toString('base64url').slice(0, 32)}`;

/** FNV-1a: it only has to spread. */
const partitionOf = (name: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 16) % PARTITIONS_COUNT;
};

/** The keys of one user's slot. All have one hash tag, so that a cluster keeps them on one server. */
export interface SlotKeys {
  /** A hash: the head of the log, marks, and clients. */
  readonly slot: string;
  /** A stream: the entries. */
  readonly entries: string;
  /** A hash: decisions that are not fanned out. */
  readonly untold: string;
  /** A list: the keys of those clients' decisions that decided last. */
  readonly recent: string;
  /** A stream: the last decisions of a client. */
  decisions(clientId: string): string;
  /** A hash: how many sockets the user has at each node. */
  readonly places: string;
}

/** The names of keys and channels. Those of one prefix are its own. */
export interface Keys {
  ofUser(userId: string): SlotKeys;
  /** Those beside this key of a slot. */
  ofSlot(slotKey: string): SlotKeys;
  readonly epoch: string;
  readonly clock: string;
  /** A sorted set: the nodes, by the end of their leases. */
  readonly nodes: string;
  /** A sorted set: nodes whose lease has ended, and whose places are taken away. */
  readonly deadNodes: string;
  /** A set: who has a place at a node. */
  usersOf(nodeId: string): string;
  bellOf(userId: string): string;
  channelOf(nodeId: string): string;
  /** Where nodes say that they have come. */
  readonly hello: string;
  /** What `SCAN` finds all slots by. */
  readonly slotPattern: string;
}

export const createKeys = (prefix: string): Keys => {
  // No name of a user has a ~.
  const own = (name: string) => `${prefix}:{~${name}}`;
  const below = (base: string): SlotKeys => ({
    slot: `${base}s`,
    entries: `${base}e`,
    untold: `${base}u`,
    recent: `${base}r`,
    places: `${base}n`,
    decisions: (clientId) => `${base}d:${tagOf(clientId)}`,
  });
  return {
    ofUser: (userId) => below(`${prefix}:{${tagOf(userId)}}:`),
    ofSlot: (slotKey) => below(slotKey.slice(0, -1)),
    epoch: own('epoch'),
    clock: own('clock'),
    nodes: own('nodes'),
    deadNodes: `${own('nodes')}:dead`,
    usersOf: (nodeId) => own(`users.${nodeId}`),
    bellOf: (userId) => own(`b${partitionOf(userId)}`),
    channelOf: (nodeId) => own(`n${nodeId}`),
    hello: own('hello'),
    slotPattern: `${prefix}:{*}:s`,
  };
};

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** The slot of a Redis Cluster that a key or a channel is in: CRC16 of what is between its first braces. */
export const hashSlotOf = (key: string): number => {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
  let crc = 0;
  for (const byte of Buffer.from(tag))
    crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0);
  return crc % HASH_SLOTS_COUNT;
};
