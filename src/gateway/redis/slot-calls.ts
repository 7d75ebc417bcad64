import { EMPTY_POSITION } from '../../protocol/extension.ts';
import type { Decide, Decided, Decision, Decisions } from '../engine/decisions.ts';
import type { Append, Appended, Entry, Log } from '../engine/log.ts';
import { numberOf } from '../engine/position.ts';
import { fromStored, toStored } from '../engine/stored-text.ts';
import type { SlotCall, SlotLines } from './slot-lines.ts';

/** A stream's entry as Redis sends it: `[id, [name, value, …]]`. */
type Row = readonly [id: string, fields: readonly string[]];

const entryOf = ([id, fields]: Row): Entry => {
  const n = Number(id.split('-')[0]);
  const [, suffix = '', , prev = '', , , , text = ''] = fields;
  return {
    id: `${n}-${suffix}`,
    prev: prev === '' ? EMPTY_POSITION : `${n - 1}-${prev}`,
    text: fromStored(text),
  };
};

const decisionOf = (json: string): Decision => JSON.parse(json) as Decision;
/** By rising number, as the contract has them. */
const sorted = (decisions: readonly Decision[]) => [...decisions].sort((a, b) => a.n - b.n);

const decidedOf = (reply: readonly [decided: string, whole: string | null, kept: string | null]): Decided => {
  const [decided, whole, kept] = reply;
  const json = whole ?? kept;
  return {
    decided: Number(decided),
    stored: json === null ? null : { ...decisionOf(json), fanned: whole === null },
  };
};

const settled = <T>(calls: readonly Promise<T>[]) => Promise.allSettled(calls);

/**
 * The calls of logs and decisions as the script takes them.
 *
 * @param options.appended Hears whose log may have something new.
 */
export const createSlotCalls = (options: {
  readonly lines: SlotLines;
  readonly now: () => number;
  readonly suffix: () => string;
  readonly appended: (userId: string) => void;
}): Required<Log & Decisions> => {
  const { lines, now, suffix, appended } = options;
  const call = async <Result>(given: Omit<SlotCall, 'isRepeatable'>, isRepeatable = true): Promise<Result> =>
    (await lines.call({ ...given, isRepeatable })) as Result;
  const ofClient = (name: string, userId: string, clientId: string, n: number) => ({
    userId,
    clientId,
    name,
    args: (age: string, at: string) => [age, toStored(clientId), String(n), at],
  });

  const append: Log['append'] = async (userId, texts, mark) => {
    // A closed engine refuses an empty append as well.
    if (texts.length === 0) {
      await call({ userId, name: 'last', args: () => [] });
      return [];
    }
    const entries = texts.flatMap((text) => [suffix(), toStored(text)]);
    const named = mark === undefined ? ['', ''] : [String(mark.n), toStored(mark.origin)];
    const given = {
      userId,
      name: 'append',
      wallMs: now(),
      args: (age: string) => [age, ...named, ...entries],
    };
    const ids = await call<Appended>(given, mark !== undefined);
    // Also for a repeat: the first time may have been one that a lost connection hid.
    appended(userId);
    return ids;
  };
  const decide: Decisions['decide'] = async (userId, clientId, decision, seen) => {
    const { n, publications } = decision;
    const isTold = publications.length === 0;
    const kept = JSON.stringify({ ...decision, publications: [] });
    const whole = isTold ? '' : JSON.stringify(decision);
    const reply = await call<Parameters<typeof decidedOf>[0] | 1>({
      userId,
      clientId,
      name: 'decide',
      wallMs: now(),
      args: (age, at) => [age, toStored(clientId), String(n), at, String(seen), kept, whole],
    });
    if (reply !== 1) return decidedOf(reply);
    return { decided: n, stored: { ...decision, fanned: isTold } };
  };

  return {
    append,
    appendMany: (appends: readonly Append[]) =>
      settled(appends.map(({ userId, texts, mark }) => append(userId, texts, mark))),
    async readAfter(userId, position, limit) {
      const rows = await call<readonly Row[] | null>({
        userId,
        name: 'readAfter',
        args: (age) => [age, toStored(position), String(numberOf(position)), String(limit)],
      });
      return rows?.map(entryOf) ?? null;
    },
    last: (userId) => call({ userId, name: 'last', args: () => [] }),
    decide,
    decideMany: (decides: readonly Decide[]) =>
      settled(
        decides.map(({ userId, clientId, decision, seen }) => decide(userId, clientId, decision, seen)),
      ),
    recall: async (userId, clientId, n) => decidedOf(await call(ofClient('recall', userId, clientId, n))),
    fanned: async (userId, clientId, n) => Number(await call(ofClient('fanned', userId, clientId, n))),
    async resumeCommands(userId, clientId, n) {
      const [decided, untold] = await call<[string, readonly string[]]>(
        ofClient('resumeCommands', userId, clientId, n),
      );
      return { decided: Number(decided), unfanned: sorted(untold.map(decisionOf)) };
    },
    async unfanned(userId) {
      const flat = await call<readonly string[]>({ userId, name: 'unfanned', args: () => [] });
      const found = flat.flatMap((name, at) =>
        at % 2 === 1
          ? []
          : [
              {
                clientId: fromStored(name.slice(name.indexOf(':') + 1)),
                decision: decisionOf(flat[at + 1] ?? ''),
              },
            ],
      );
      return found.sort((a, b) => a.decision.n - b.decision.n);
    },
  };
};
