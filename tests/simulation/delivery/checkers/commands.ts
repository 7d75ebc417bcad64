import { type Happened, nameOf, type Record } from '../history.ts';
import { createLogTruth } from './log-truth.ts';
import { type Checker, createBreaches } from './violation.ts';

type Said = Happened<'said'> & { readonly user: string; readonly order: number };

/** What is known of one try at a command: an entry of an outbox. */
interface Try {
  readonly said: Said;
  readonly ref: string;
  readonly key: string;
  /** The page that showed it last. */
  page: string;
  outcome: { readonly state: string; readonly code: string | undefined } | null;
  /** Where the browser's storage has it: taken out by a page, or cleared with all the rest by a person. */
  storage: 'never' | 'kept' | 'removed' | 'cleared';
  /** The storage knows that it failed. */
  isFailureStored: boolean;
  /** Its page has said at a logout that it waits no more. It may have its effect all the same: nobody asks any more. */
  isLetGo: boolean;
}

const isVerdict = (outcome: Try['outcome']): boolean => outcome !== null && outcome.state !== 'discarded';

/** The ends of an entry: two verdicts, and a person who threw it away. */
const ENDS: ReadonlySet<string> = new Set(['delivered', 'failed', 'discarded']);

const range = (count: number): number[] => [...Array(count).keys()];

/** The order of an app's own messages, and of the commands of one page. Retries (`uid~2`) have an order of their own. */
const streamOf = (ref: string): { readonly stream: string; readonly order: number } | null => {
  const [, stream, order] = /^(.*)[/#](\d+)$/.exec(ref) ?? [];
  return stream === undefined || order === undefined ? null : { stream, order: Number(order) };
};

/**
 * What commands did, against what was said of them: I2 a receipted command is in the log of every recipient, a rejected
 * one in none, and none that was taken ends without a word; I3 at most once, whole, and in the order in which they
 * were asked for.
 *
 * Excused, in the words of the protocol: what was lost with a shard's tail; what a page without storage had not heard of
 * when it was closed; a verdict that a storage which failed did not keep, or what was cleared and no page was left to write it again;
 * what a logout discarded with a word; and what went to a server that was taken for a plain one.
 */
export const commandChecker: Checker = {
  rules: ['I2', 'I3'],
  check(records) {
    const { breaches, note } = createBreaches();
    const truth = createLogTruth();
    const users = new Map<
      string,
      { readonly user: string; readonly keeps: boolean; gone: boolean; away: boolean }
    >();
    const said = new Map<string, Said>();
    const tries = new Map<string, Try>();
    /** The keys that were on the wire. */
    const sentKeys = new Set<string>();
    /** What went to a server that was taken for a plain one: nothing more is heard of it. */
    const sentPlainly = new Set<string>();
    /** Users whose storage has failed, as their pages say: what it had to keep is not to be counted on. */
    const unkeeping = new Set<string>();
    const partsOf = new Map<string, number>();
    const decided = new Map<string, string | null>();
    const announced = new Map<string, readonly string[]>();
    let last: Pick<Record, 'atMs'> = { atMs: 0 };

    /** The newest number of each stream, by user and stream; made again where a log has lost its tail. */
    const newestOf = new Map<string, Map<string, number>>();
    const noteNewest = (newest: Map<string, number>, ref: string) => {
      const at = streamOf(ref);
      if (at !== null) newest.set(at.stream, Math.max(at.order, newest.get(at.stream) ?? 0));
    };
    const newestFor = (user: string): Map<string, number> => {
      const known = newestOf.get(user);
      if (known !== undefined) return known;
      const newest = new Map<string, number>();
      for (const name of truth.chainOf(user)) noteNewest(newest, name.slice(0, name.lastIndexOf(':')));
      newestOf.set(user, newest);
      return newest;
    };

    /** Shown by the page, or still read out of the storage, where a page that is gone or disconnected has left it. */
    const isHeldBy = (name: string, { page, storage, said: { user } }: Try): boolean =>
      page === name ||
      (storage === 'kept' && users.get(page)?.away === true && users.get(name)?.user === user);

    const appended = (record: Record & { what: 'appended' }) => {
      const { user, entries } = record;
      const newest = newestFor(user);
      const now = new Set<string>();
      const counts = new Map<string, number>();
      for (const entry of entries) {
        const name = nameOf(entry);
        if (now.has(name) || truth.indexOf(user, name) !== -1)
          note(record, 'I3', 'duplicated', `${name} is in ${user}'s log twice`);
        now.add(name);
        if (entry.part !== (counts.get(entry.ref) ?? 0))
          note(record, 'I3', 'reordered', `${name} is in the wrong place of its command in ${user}'s log`);
        counts.set(entry.ref, (counts.get(entry.ref) ?? 0) + 1);
        const at = streamOf(entry.ref);
        if (at !== null && at.order < (newest.get(at.stream) ?? 0))
          note(
            record,
            'I3',
            'reordered',
            `${name} is in ${user}'s log after number ${newest.get(at.stream)}`,
          );
      }
      for (const { ref } of entries) noteNewest(newest, ref);
      for (const [ref, count] of counts) {
        const parts = partsOf.get(ref);
        if (parts !== undefined && count !== parts)
          note(
            record,
            'I3',
            'partial',
            `${user}'s log got ${count} of the ${parts} messages of ${ref} at once`,
          );
      }
    };

    for (const record of records) {
      last = record;
      if (record.what === 'appended') appended(record);
      else if (record.what === 'tail lost') newestOf.delete(record.user);
      truth.take(record);
      if (record.what === 'page')
        users.set(record.page, { user: record.user, keeps: record.keeps, gone: false, away: false });
      else if (record.what === 'page gone') {
        const page = users.get(record.page);
        if (page !== undefined) {
          page.gone = true;
          page.away = true;
        }
      } else if (record.what === 'wish') {
        const page = users.get(record.page);
        if (page !== undefined && record.wish !== 'retry') page.away = record.wish !== 'connect';
      } else if (record.what === 'said') {
        const user = users.get(record.page)?.user ?? '';
        said.set(record.uid, { ...record, user, order: said.size });
        partsOf.set(record.uid, record.parts);
      } else if (record.what === 'entry') {
        const command = said.get(record.uid);
        if (command === undefined) continue;
        const attempt: Try = tries.get(record.ref) ?? {
          said: command,
          ref: record.ref,
          key: record.key,
          page: record.page,
          outcome: null,
          storage: 'never',
          isFailureStored: false,
          isLetGo: false,
        };
        tries.set(record.ref, attempt);
        attempt.page = record.page;
        partsOf.set(attempt.ref, command.parts);
        if (!ENDS.has(record.state)) continue;
        const { outcome } = attempt;
        // A person threw it away; it comes back where that was too late.
        const isFinal = isVerdict(outcome);
        const isKept = attempt.isFailureStored || !unkeeping.has(command.user);
        const isSure = isKept && !truth.wasLost(attempt.ref);
        if (isFinal && outcome?.state !== record.state && isSure)
          note(
            record,
            'I2',
            'false verdict',
            `${attempt.ref} was ${outcome?.state} and is now ${record.state}`,
          );
        attempt.outcome = { state: record.state, code: record.code };
      } else if (record.what === 'kept' || record.what === 'removed' || record.what === 'cleared') {
        const attempt = tries.get(record.ref);
        if (attempt === undefined) continue;
        attempt.storage = record.what;
        attempt.isFailureStored = record.what === 'kept' && record.isFailure === true;
      } else if (record.what === 'decided') decided.set(record.ref, record.rejected);
      else if (record.what === 'end') break;
      else if (record.what === 'reported' && record.code === 'storage-failed')
        unkeeping.add(users.get(record.by)?.user ?? '');
      else if (record.what === 'reported' && record.code === 'messages-discarded') {
        for (const attempt of tries.values())
          if (isHeldBy(record.by, attempt) && !isVerdict(attempt.outcome)) attempt.isLetGo = true;
      } else if (record.what === 'frame' && record.way === 'up' && record.moment === 'sent') {
        for (const { key, uid } of record.members) {
          if (typeof key === 'string') sentKeys.add(key);
          else if (typeof uid === 'string') sentPlainly.add(uid);
        }
      } else if (record.what === 'announced') announced.set(record.ref, record.to);
    }

    /** How many of the messages that a command owes are in the logs: all of them, none, or less than it owes. */
    const effectOf = (ref: string, recipients: readonly string[], parts: number) => {
      const owed = [...new Set(recipients)].flatMap((user) =>
        range(parts).map((part) => ({ user, name: nameOf({ ref, part }) })),
      );
      const missing = owed.filter(({ user, name }) => truth.indexOf(user, name) === -1);
      return { owedCount: owed.length, missing };
    };

    for (const { said: command, ref, key, outcome, storage, isFailureStored, isLetGo } of tries.values()) {
      if (truth.wasLost(ref) || sentPlainly.has(command.uid)) continue;
      const mayForget = unkeeping.has(command.user);
      const { owedCount, missing } = effectOf(ref, [...command.to, command.user], command.parts);
      const foundCount = owedCount - missing.length;
      const verdict = decided.get(ref);
      const page = users.get(command.page);
      // Where a page stores at all, it stores before it sends.
      const isForgotten =
        isLetGo ||
        storage === 'cleared' ||
        (storage === 'never' && page?.gone === true && !(sentKeys.has(key) && page.keeps && !mayForget));
      const where = () => missing.map(({ user, name }) => `${name} in ${user}'s log`).join(', ');
      // A rejection that was not stored is forgotten by the page that comes after, and by then by the server.
      const isForgottenRejection = mayForget && !isFailureStored && typeof verdict === 'string';
      if (outcome?.state === 'delivered' && missing.length > 0 && !isForgottenRejection)
        note(
          last,
          'I2',
          typeof verdict === 'string' ? 'false verdict' : 'lost',
          `${ref} is delivered, and there is no ${where()}`,
        );
      else if (outcome?.state === 'discarded' && foundCount > 0 && !isForgotten)
        note(last, 'I2', 'false verdict', `${ref} was thrown away, and it had its effect`);
      else if (outcome?.state === 'failed' && foundCount > 0)
        note(last, 'I2', 'false verdict', `${ref} failed (${outcome.code}), and it had its effect`);
      else if (
        outcome === null &&
        !isForgotten &&
        !(storage === 'removed' && (verdict !== undefined || mayForget))
      )
        note(last, 'I2', 'lost', `${ref} was taken and ends without a word`);
      else if (verdict === null && missing.length > 0)
        note(last, 'I3', 'partial', `${ref} took effect, and there is no ${where()}`);
    }
    for (const [ref, to] of announced) {
      const { missing } = effectOf(ref, to, 1);
      if (missing.length > 0 && !truth.wasLost(ref))
        note(
          last,
          'I2',
          'lost',
          `the app's ${ref} is missing for ${missing.map(({ user }) => user).join(' ')}`,
        );
    }
    const known = new Set([...tries.values()].map(({ said: { uid } }) => uid));
    for (const command of said.values()) {
      if (command.answer === 'refused' || known.has(command.uid) || command.mood === 'bulky') continue;
      if (sentPlainly.has(command.uid)) continue;
      if (users.get(command.page)?.gone !== true)
        note(last, 'I2', 'lost', `${command.uid} was ${command.answer} and is in no outbox`);
    }
    return breaches;
  },
};
