import { StatesocketError } from '../protocol/errors.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { BY_FLIGHT_RECORDER, byDurableDelivery, OPTION_RULES } from './option-rules.ts';

const badOption = (what: string): StatesocketError =>
  new StatesocketError('bad-option', `createConnection: ${what}.`);

/** Throws `bad-option` for what could only go wrong later, far from its cause. */
export const checkOptions = <M extends { type: string }>(options: ConnectionOptions<M>): void => {
  if (typeof options !== 'object' || options === null) throw badOption('pass an object with at least a url');
  for (const name of Object.keys(OPTION_RULES) as (keyof typeof OPTION_RULES)[]) {
    const value: unknown = options[name];
    const [isRight, words] = OPTION_RULES[name];
    if ((value === undefined && name !== 'url') || isRight(value)) continue;
    throw badOption(`${name} ${typeof words === 'string' ? words : words(value)}`);
  }
  const { codec, delivery, server, recording } = options as typeof options & {
    readonly server?: unknown;
    readonly recording?: unknown;
  };
  if (codec !== undefined && delivery !== undefined)
    throw badOption(
      'delivery speaks the delivery extension, which is JSON: leave out codec, or leave out delivery',
    );
  if (server !== undefined) throw badOption(`server ${byDurableDelivery('server')}`);
  if (recording !== undefined && recording !== false) throw badOption(`recording ${BY_FLIGHT_RECORDER}`);
};
