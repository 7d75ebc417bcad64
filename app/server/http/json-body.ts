import type { Context } from 'hono';
import * as v from 'valibot';
import { Refusal } from '../refusal.ts';

/** The JSON body of a request, checked. Refuses anything else with the schema's own words. */
export const jsonBody = async <Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> => {
  // JSON only: a form of another site can send text without asking first, but not this type.
  if (!context.req.header('content-type')?.startsWith('application/json')) {
    throw new Refusal('bad-request', 'The request must be JSON.');
  }
  const body: unknown = await context.req.json().catch((error: unknown) => {
    throw error instanceof SyntaxError ? new Refusal('bad-request', 'The request is not valid JSON.') : error;
  });
  const checked = v.safeParse(schema, body);
  if (!checked.success) throw new Refusal('bad-request', checked.issues[0].message);
  return checked.output;
};
