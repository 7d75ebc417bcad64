import type { Random } from '../delivery/random.ts';

/** What parsers, prototypes and counters have stumbled over before. */
const PIECES = [
  '"__proto__":{"polluted":1}',
  '"constructor":{"prototype":{"polluted":1}}',
  '"\\u005f_proto__":{"polluted":1}',
  '"type":"RESUMED"',
  '"type":"PRESENCE"',
  '"toString":null',
  '"then":1',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  ']',
  '}',
  '{',
  ',',
  ':',
  '"',
  '\\',
  '\\ud800',
  '\u0000',
  '\u2028',
  '1e400',
  '-0',
  'null',
];

const VALUES: readonly unknown[] = [
  null,
  true,
  '',
  '0',
  'x'.repeat(200),
  [],
  {},
  [null],
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  1,
];

const somewhere = (random: Random, text: string): number => random.below(text.length + 1);

/** Changes of the text, most of which are no JSON any more. */
const TEXT_CHANGES: readonly ((random: Random, text: string) => string)[] = [
  (random, text) => text.slice(0, somewhere(random, text)),
  (random, text) => {
    const [from, to] = [somewhere(random, text), somewhere(random, text)];
    return text.slice(0, from) + text.slice(to);
  },
  (random, text) => {
    const at = somewhere(random, text);
    return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
  },
  (random, text) => text.replace('{', () => `{${random.pick(PIECES)},`),
  (random, text) => {
    const at = somewhere(random, text);
    return text.slice(0, at) + String.fromCharCode(random.below(0x10000)) + text.slice(at + 1);
  },
];

const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...(value as Record<string, unknown>) }
    : null;

/** Changes of what the frame says, which stays JSON. */
const changeMember = (random: Random, frame: unknown, other: unknown): unknown => {
  const message = record(frame);
  const stranger = record(other);
  if (message === null || stranger === null) return [frame, other];
  const name = random.pick(['type', ...Object.keys(message)]);
  switch (random.below(5)) {
    case 0:
      return { ...message, [name]: random.pick(VALUES) };
    case 1:
      delete message[name];
      return message;
    case 2:
      return { ...message, ...stranger };
    case 3:
      return { ...stranger, type: message.type };
    default:
      return random.chance(0.5)
        ? [message, stranger, message]
        : { type: 'BATCH', messages: [stranger, message, [message]] };
  }
};

/** A frame of a protocol, changed in one place or in several, as somebody would who means harm or has a bug. */
export const mutate = (random: Random, frame: unknown, other: unknown): string => {
  let said = frame;
  while (random.chance(0.5)) said = changeMember(random, said, other);
  let text = JSON.stringify(said);
  while (random.chance(0.35)) text = random.pick(TEXT_CHANGES)(random, text);
  return text;
};
