import type { StandardSchemaV1 } from '@standard-schema/spec';
import { StatesocketError } from 'statesocket/protocol';
import { describe, expect, it } from 'vitest';
import {
  type MessageSchema,
  type SendSchema,
  validateMessage,
  validateOutgoing,
} from '../../src/protocol/schema.ts';

/** A schema that answers what the test says. */
const answering = (validate: (value: unknown) => unknown) =>
  ({ '~standard': { version: 1, vendor: 'test', validate } }) as never;
const failing = (...path: StandardSchemaV1.Issue['path'] & object) =>
  answering(() => ({ issues: [{ message: 'no', path }] }));
const rejecting = answering(() => Promise.reject(new Error('nobody waits')));
const throwing = answering(() => {
  throw new Error('secret');
});

const scrub = (text: string): string => text.replaceAll('token', '…');
const message = { type: 'CHAT', text: 'hello' };

const wordsOf = (result: unknown): readonly [code: string, message: string] => {
  if (!(result instanceof StatesocketError)) throw new Error('It was let through.');
  return [result.code, result.message];
};

describe('a message that comes in', () => {
  const said = (schema: MessageSchema, of: { readonly type: string } = message) =>
    wordsOf(validateMessage(schema, of, scrub));

  it('is what the schema makes of it', () => {
    const schema = answering((value) => ({ value: { ...(value as object), at: 7 } }));
    expect(validateMessage(schema, message, scrub)).toEqual({ ...message, at: 7 });
  });

  it.each([
    ['a key', failing('text'), 'it does not fit the messages schema at "text"'],
    ['a path segment', failing({ key: 'text' }), 'it does not fit the messages schema at "text"'],
    ['nothing', failing(), 'it does not fit the messages schema at "undefined"'],
    [
      'no place',
      answering(() => ({ issues: [{ message: 'no' }] })),
      'it does not fit the messages schema at "undefined"',
    ],
    [
      'something without an issue',
      answering(() => ({ issues: [] })),
      'it does not fit the messages schema at "undefined"',
    ],
    ['a long key', failing('k'.repeat(99)), `it does not fit the messages schema at "${'k'.repeat(64)}"`],
    ['a key that quotes the token', failing('token'), 'it does not fit the messages schema at "…"'],
    ['a promise', rejecting, 'the messages schema validates asynchronously; order needs a synchronous one'],
    ['a throw', throwing, 'the messages schema threw'],
    ['no result', answering(() => null), 'the messages schema threw'],
    [
      'an output without a type',
      answering(() => ({ value: { type: 1 } })),
      'the messages schema made something without a string type of it',
    ],
    [
      'no output',
      answering(() => ({ value: undefined })),
      'the messages schema made something without a string type of it',
    ],
  ])('is dropped with a reason where the schema complains of %s', (_, schema, why) => {
    expect(said(schema)).toEqual(['invalid-message', `A CHAT message was dropped: ${why}.`]);
  });

  it('is of an unknown type where the complaint is about that, cut and without the token', () => {
    expect(said(failing('type'))).toEqual(['unknown-type', 'Unknown message type: CHAT']);
    expect(said(failing('type'), { type: `token${'x'.repeat(99)}` })).toEqual([
      'unknown-type',
      `Unknown message type: …${'x'.repeat(63)}`,
    ]);
    expect(said(failing('text'), { type: 'x'.repeat(99) })[1]).toBe(
      `A ${'x'.repeat(64)} message was dropped: it does not fit the messages schema at "text".`,
    );
  });
});

describe('a message that is to be sent', () => {
  const said = (schema: SendSchema) => wordsOf(validateOutgoing(schema, message));

  it('is what the schema makes of it', () => {
    const schema = answering((value) => ({ value: { ...(value as object), at: 7 } }));
    expect(validateOutgoing(schema, message)).toEqual({ ...message, at: 7 });
  });

  it.each([
    ['its type', failing('type'), 'the sends schema knows no such type'],
    ['a key', failing('text'), 'it does not fit the sends schema at "text"'],
    ['a long key', failing('k'.repeat(99)), `it does not fit the sends schema at "${'k'.repeat(64)}"`],
    ['a promise', rejecting, 'the sends schema validates asynchronously; order needs a synchronous one'],
    ['a throw', throwing, 'the sends schema threw'],
    [
      'an output without a type',
      answering(() => ({ value: {} })),
      'the sends schema made something without a string type of it',
    ],
    [
      'an output of null',
      answering(() => ({ value: null })),
      'the sends schema made something without a string type of it',
    ],
  ])('is refused with a reason where the schema complains of %s', (_, schema, why) => {
    expect(said(schema)).toEqual(['message-refused', `send() refused a CHAT message: ${why}.`]);
  });

  it('has its type cut in the reason', () => {
    const [, words] = wordsOf(validateOutgoing(throwing, { type: 'x'.repeat(99) }));
    expect(words).toBe(`send() refused a ${'x'.repeat(64)} message: the sends schema threw.`);
  });
});
