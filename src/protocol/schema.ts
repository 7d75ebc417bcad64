import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ignoreRejection } from '../lib/unawaited.ts';
import { StatesocketError } from './errors.ts';
import type { WireMessage } from './message.ts';

/** A schema of messages from any library that speaks Standard Schema: valibot, zod, arktype. Source: standardschema.dev. */
export type MessageSchema<M extends { type: string } = { type: string }> = StandardSchemaV1<unknown, M>;

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

/**
 * Checks one message against a schema. Returns the schema's output, or the error to report: `unknown-type` when the
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
  try {
    const result: unknown = schema['~standard'].validate(message);
    if (isThenable(result)) {
      ignoreRejection(result);
      return invalid('the messages schema validates asynchronously; order needs a synchronous one');
    }
    const { issues, value } = result as { issues?: readonly StandardSchemaV1.Issue[]; value?: unknown };
    if (issues !== undefined) {
      const key = firstKey(issues[0]);
      return key === 'type'
        ? unknownType(scrub(message.type))
        : invalid(`it does not fit the messages schema at "${shown(String(key))}"`);
    }
    return hasType<M>(value)
      ? value
      : invalid('the messages schema made something without a string type of it');
  } catch {
    return invalid('the messages schema threw');
  }
};
