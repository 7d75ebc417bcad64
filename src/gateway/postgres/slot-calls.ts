import type { Decided, Decision, Decisions, Publication } from '../engine/decisions.ts';
import type { Appended, Entry, Log } from '../engine/log.ts';
import { manyForms } from '../engine/many-forms.ts';
import { numberOf } from '../engine/position.ts';
import { fromStored, toStored } from '../engine/stored-text.ts';
import type { Groups, SlotCall } from './groups.ts';

/** A decision as the database gives it: `[n, key, code, publications, client]`. */
type DecisionRow = readonly [
  n: number,
  key: string,
  code: string | null,
  publications: string | null,
  client?: string,
];

const storedOrNull = (text: string | null) => (text === null ? null : toStored(text));

const decisionOf = ([n, key, code, publications]: DecisionRow): Decision => ({
  n,
  key: fromStored(key),
  verdict: code === null ? 'done' : { rejected: fromStored(code) },
  publications: publications === null ? [] : (JSON.parse(publications) as Publication[]),
});
const decidedOf = ({ d, s }: { readonly d: number; readonly s: DecisionRow | null }): Decided => ({
  decided: d,
  stored: s === null ? null : { ...decisionOf(s), fanned: s[3] === null },
});

/**
 * The calls of logs and decisions as the functions of the database take them.
 *
 * @param options.appended Hears whose log may have something new.
 */
export const createSlotCalls = (options: {
  readonly groups: Groups;
  readonly now: () => number;
  readonly suffix: () => string;
  readonly appended: (userId: string) => void;
}): Log & Decisions => {
  const { groups, now, suffix, appended } = options;
  const call = async <Result>(
    o: SlotCall['o'],
    userId: string,
    rest: Readonly<Record<string, unknown>>,
    isRepeatable = true,
  ): Promise<Result> => (await groups.call({ o, u: toStored(userId), ...rest }, isRepeatable)) as Result;

  const append: Log['append'] = async (userId, texts, mark) => {
    // A closed engine refuses an empty append as well.
    if (texts.length === 0) {
      await call('last', userId, {});
      return [];
    }
    const named = mark && { m: toStored(mark.origin), n: mark.n };
    const given = { t: texts.map(toStored), x: texts.map(suffix), w: now(), ...named };
    const ids = await call<Appended>('append', userId, given, mark !== undefined);
    // Also for a repeat: the first time may have been one that a lost connection hid.
    appended(userId);
    return ids;
  };
  const decide: Decisions['decide'] = async (userId, clientId, decision, seen) => {
    const { n, key, verdict, publications } = decision;
    const result = await call<Parameters<typeof decidedOf>[0] | { readonly given: true }>('decide', userId, {
      c: toStored(clientId),
      n,
      k: toStored(key),
      r: storedOrNull(verdict === 'done' ? null : verdict.rejected),
      t: publications.length === 0 ? null : JSON.stringify(publications),
      s: seen,
      w: now(),
    });
    if (!('given' in result)) return decidedOf(result);
    return { decided: n, stored: { n, key, verdict, publications, fanned: publications.length === 0 } };
  };

  return {
    append,
    async readAfter(userId, position, limit) {
      const given = { p: position, n: numberOf(position), l: limit };
      const found = await call<{ rows: readonly (readonly [string, string, string])[] | null }>(
        'readAfter',
        userId,
        given,
      );
      const rows = found.rows ?? [];
      if (found.rows !== null && rows.length === 0) return [];
      // A position is known exactly when the entry after it names it as its predecessor.
      if (rows[0]?.[1] !== position) return null;
      return rows.map(([id, prev, text]): Entry => ({ id, prev, text: fromStored(text) }));
    },
    last: (userId) => call('last', userId, {}),
    decide,
    ...manyForms({ append, decide }, groups.flush),
    recall: async (userId, clientId, n) =>
      decidedOf(await call('recall', userId, { c: toStored(clientId), n })),
    fanned: (userId, clientId, n) => call('fanned', userId, { c: toStored(clientId), n }),
    async resumeCommands(userId, clientId, n) {
      const { d, l } = await call<{ d: number; l: readonly DecisionRow[] }>('resumeCommands', userId, {
        c: toStored(clientId),
        n,
      });
      return { decided: d, unfanned: l.map(decisionOf) };
    },
    async unfanned(userId) {
      const rows = await call<readonly DecisionRow[]>('unfanned', userId, {});
      return rows.map((row) => ({ clientId: fromStored(row[4] ?? ''), decision: decisionOf(row) }));
    },
  };
};
