import { createHash } from 'node:crypto';

/** How many channels the doorbells of all users share: a node hears those that one of its users has. */
export const PARTITIONS_COUNT = 64;

/** Postgres takes payloads of less than 8,000 bytes. */
export const MAX_PAYLOAD_BYTES = 7_900;

/** The names of channels. Those of one schema are its own; none of them is a name that came from outside. */
export interface Channels {
  ofUser(userId: string): string;
  ofNode(nodeId: string): string;
  /** Where nodes say that they have come. */
  readonly hello: string;
}

/** A hash costs more than all else that a ring does: those of so many users are remembered. */
const MAX_REMEMBERED_COUNT = 10_000;

const partitionOf = (userId: string): number => {
  // As bytes of UTF-16, since UTF-8 has no half of a surrogate pair.
  const [byte = 0] = createHash('sha1').update(Buffer.from(userId, 'utf16le')).digest();
  return byte % PARTITIONS_COUNT;
};

export const createChannels = (schema: string): Channels => {
  const remembered = new Map<string, string>();
  return {
    ofUser(userId) {
      const known = remembered.get(userId);
      if (known !== undefined) return known;
      const channel = `${schema}_p${partitionOf(userId)}`;
      if (remembered.size >= MAX_REMEMBERED_COUNT) remembered.clear();
      remembered.set(userId, channel);
      return channel;
    },
    ofNode: (nodeId) => `${schema}_n${nodeId}`,
    hello: `${schema}_hello`,
  };
};

/** Puts names into JSON arrays that each fit into a payload, behind a first name. One that fits into none is left out. */
export const payloadsOf = (first: string, names: readonly string[]): readonly string[] => {
  const payloads: string[] = [];
  const head = JSON.stringify(first);
  let parts = [head];
  let bytes = Buffer.byteLength(head) + 2;
  const flush = () => {
    if (parts.length > 1) payloads.push(`[${parts.join()}]`);
    parts = [head];
    bytes = Buffer.byteLength(head) + 2;
  };
  for (const name of names) {
    const part = JSON.stringify(name);
    const partBytes = Buffer.byteLength(part) + 1;
    if (bytes + partBytes > MAX_PAYLOAD_BYTES) flush();
    if (bytes + partBytes > MAX_PAYLOAD_BYTES) continue;
    parts.push(part);
    bytes += partBytes;
  }
  flush();
  return payloads;
};

const HEADER_BYTES = 100;

/** Cuts a text into payloads, each of which says which part of what it is. */
export const partsOf = (name: string, text: string): readonly string[] => {
  const bytes = Buffer.from(text, 'utf8');
  const size = MAX_PAYLOAD_BYTES - HEADER_BYTES;
  if (bytes.length <= size) return [`${name}|0|1|${text}`];
  // base64, since a part may begin within a character.
  const coded = bytes.toString('base64');
  const count = Math.ceil(coded.length / size);
  return Array.from(
    { length: count },
    (_, at) => `${name}|${at}|${count}|${coded.slice(at * size, (at + 1) * size)}`,
  );
};

/** Puts parts together. @returns Takes the next payload, and returns a text when its last part has come. */
export const createJoiner = (): ((payload: string) => string | null) => {
  let open: { readonly name: string; readonly parts: string[] } | null = null;
  return (payload) => {
    const [, name = '', at = '', count = '', body = ''] =
      /^([^|]*)\|(\d+)\|(\d+)\|(.*)$/s.exec(payload) ?? [];
    if (count === '1') return body;
    if (at === '0') open = { name, parts: [] };
    // A part is missing: the connection was lost in between.
    if (open === null || open.name !== name || open.parts.length !== Number(at)) {
      open = null;
      return null;
    }
    open.parts.push(body);
    if (open.parts.length < Number(count)) return null;
    const text = Buffer.from(open.parts.join(''), 'base64').toString('utf8');
    open = null;
    return text;
  };
};

/** What is in a payload; nothing where it is no list. Whoever may connect to the database may NOTIFY what they like. */
export const readTexts = (text: string): readonly unknown[] => {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
};
