import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ignoreRejection } from '../lib/unawaited.ts';
import { StatesocketError } from './errors.ts';
import type { WireMessage } from './message.ts';

/** A schema of messages from any library that speaks Standard Schema: valibot, zod, arktype. Source: standardschema.dev. */
export type MessageSchema<M extends { type: string } = { type: string }> = StandardSchemaV1<unknown, M>;

/** A schema of messages that are sent: `S` is what the app hands to `send`, before the schema fills in or changes anything. */
export type SendSchema<S extends { readonly type: string } = { readonly type: string }> = StandardSchemaV1<
  S,
  { readonly type: string }
>;

/** Wire text in an error message is cut to this length. */
const SHOWN_TYPE_LENGTH = 64;

/** The error for a type that nobody knows or listens to. */
export const unknownType = (type: string): StatesocketError =>
  new StatesocketError('unknown-type', `Unknown message type: ${type.slice(0, SHOWN_TYPE_LENGTH)}`);

const firstKey = (issue: StandardSchemaV1.Issue | undefined): unknown => {
  const segment = issue?.path?.[0];
  return typeof segment === 'object' ? segment.key : segment;
};

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

const hasType = <M extends { type: string }>(value: unknown): value is M =>
  typeof (value as { type?: unknown } | null | undefined)?.type === 'string';

/** What a schema says of a message: what it makes of it, the member that does not fit, or why it said nothing of use. */
type Verdict = { readonly value: unknown } | { readonly key: unknown } | { readonly why: string };

const ask = (name: string, schema: StandardSchemaV1, message: WireMessage): Verdict => {
  try {
    const result: unknown = schema['~standard'].validate(message);
    if (isThenable(result)) {
      ignoreRejection(result);
      return { why: `the ${name} schema validates asynchronously; order needs a synchronous one` };
    }
    const { issues, value } = result as { issues?: readonly StandardSchemaV1.Issue[]; value?: unknown };
    return issues === undefined ? { value } : { key: firstKey(issues[0]) };
  } catch {
    return { why: `the ${name} schema threw` };
  }
};

const untyped = (name: string): string => `the ${name} schema made something without a string type of it`;
const unfit = (name: string, key: string): string => `it does not fit the ${name} schema at "${key}"`;

/**
 * Checks one inbound message against a schema. Returns the schema's output, or the error to report: `unknown-type` when the
 * schema's first complaint is about `type`, otherwise `invalid-message`. Does not throw, and quotes no payload; what it
 * quotes, a type and a key, goes through `scrub` first.
 */
export const validateMessage = <M extends { type: string }>(
  schema: MessageSchema<M>,
  message: WireMessage,
  scrub: (text: string) => string,
): M | StatesocketError => {
  const shown = (text: string) => scrub(text).slice(0, SHOWN_TYPE_LENGTH);
  const invalid = (why: string) =>
    new StatesocketError('invalid-message', `A ${shown(message.type)} message was dropped: ${why}.`);
  const verdict = ask('messages', schema, message);
  if ('why' in verdict) return invalid(verdict.why);
  if ('value' in verdict) return hasType<M>(verdict.value) ? verdict.value : invalid(untyped('messages'));
  return verdict.key === 'type'
    ? unknownType(scrub(message.type))
    : invalid(unfit('messages', shown(String(verdict.key))));
};

/**
 * Checks one message that is to be sent. Returns what the schema makes of it, which is what travels, or the error to report
 * (`message-refused`). Does not throw; quotes a type and a key, and no payload.
 */
export const validateOutgoing = (
  schema: SendSchema,
  message: WireMessage,
): WireMessage | StatesocketError => {
  const shown = (text: string) => text.slice(0, SHOWN_TYPE_LENGTH);
  const refused = (why: string) =>
    new StatesocketError('message-refused', `send() refused a ${shown(message.type)} message: ${why}.`);
  const verdict = ask('sends', schema, message);
  if ('why' in verdict) return refused(verdict.why);
  if ('value' in verdict) {
    return hasType<WireMessage>(verdict.value) ? verdict.value : refused(untyped('sends'));
  }
  return refused(
    verdict.key === 'type'
      ? 'the sends schema knows no such type'
      : unfit('sends', shown(String(verdict.key))),
  );
};
