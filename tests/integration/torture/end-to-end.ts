import type { Record } from '../../simulation/delivery/history.ts';

/** What users would count: messages that were said, against messages that were applied. It needs no log to compare with. */
export interface EndToEnd {
  /** Of each message that its sender was told is delivered, one to each recipient and each part of it. */
  readonly owedCount: number;
  /** Of those, how many never came. */
  readonly lostCount: number;
  /** Of the lost ones, how many each user lacks. */
  readonly lostBy: Readonly<{ [user: string]: number }>;
  /** How many came a second time, or more often. */
  readonly twiceCount: number;
  /** How many came after one that the same user had said later. */
  readonly outOfOrderCount: number;
  /** Messages that failed for another reason than the server's word, so that their sender saw it. */
  readonly givenUpCount: number;
  /** Messages that their sender was told have failed, and somebody got them. */
  readonly toldWronglyCount: number;
  /** Messages of which their sender never heard. */
  readonly undecidedCount: number;
}

/** The server's word on a message that it refuses. */
const REFUSED = 'not-allowed';

/** Counts end to end, for any system that is put to the torture. `uid` is `sender/number`. */
export const countEndToEnd = (records: readonly Record[]): EndToEnd => {
  const said = new Map<string, { readonly recipients: readonly string[]; readonly parts: number }>();
  const outcomes = new Map<string, { readonly state: string; readonly code: string | undefined }>();
  const got = new Map<string, Set<string>>();
  const applied = new Set<string>();
  const gotSome = new Set<string>();
  const newest = new Map<string, number>();
  let twiceCount = 0;
  let outOfOrderCount = 0;

  const has = (page: string): Set<string> => {
    const names = got.get(page) ?? new Set<string>();
    got.set(page, names);
    return names;
  };
  for (const record of records) {
    if (record.what === 'said' && record.answer !== 'refused') {
      const recipients = [...new Set([...record.to, record.page])];
      said.set(record.uid, { recipients, parts: record.parts });
    } else if (record.what === 'entry') {
      outcomes.set(record.uid, { state: record.state, code: record.code });
    } else if (record.what === 'reloaded') {
      for (const name of record.have) has(record.page).add(name);
    } else if (record.what === 'applied') {
      const { page, ref, part } = record;
      const name = `${ref}:${part}`;
      gotSome.add(ref);
      has(page).add(name);
      // What came by a reload before is merged: that is no repeat.
      if (applied.has(`${page} ${name}`)) {
        twiceCount += 1;
        continue;
      }
      applied.add(`${page} ${name}`);
      const slash = ref.lastIndexOf('/');
      const stream = `${page} ${ref.slice(0, slash)}`;
      const number = Number(ref.slice(slash + 1));
      if (slash === -1) continue;
      if (number < (newest.get(stream) ?? 0)) outOfOrderCount += 1;
      else newest.set(stream, number);
    }
  }

  const lostBy: { [user: string]: number } = {};
  let [owedCount, lostCount, givenUpCount, toldWronglyCount, undecidedCount] = [0, 0, 0, 0, 0];
  for (const [uid, { recipients, parts }] of said) {
    const outcome = outcomes.get(uid);
    if (outcome?.state === 'delivered') {
      owedCount += recipients.length * parts;
      for (const page of recipients)
        for (let part = 0; part < parts; part += 1) {
          if (has(page).has(`${uid}:${part}`)) continue;
          lostCount += 1;
          lostBy[page] = (lostBy[page] ?? 0) + 1;
        }
    } else if (outcome?.state === 'failed') {
      if (outcome.code !== REFUSED) givenUpCount += 1;
      if (gotSome.has(uid)) toldWronglyCount += 1;
    } else undecidedCount += 1;
  }
  return {
    owedCount,
    lostCount,
    lostBy,
    twiceCount,
    outOfOrderCount,
    givenUpCount,
    toldWronglyCount,
    undecidedCount,
  };
};
