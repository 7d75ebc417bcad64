import type { Record, WireMember } from '../history.ts';
import { type Checker, createBreaches } from './violation.ts';

/** What a plain server knows of a client beside its own messages. */
const EXTENSION_TYPES = new Set(['RESUME', 'SKIP', 'PING']);
const CONTROL_TYPES = new Set([
  'WELCOME',
  'RESUMED',
  'PRESENCE',
  'RECEIPT',
  'HEARTBEAT',
  'ACK',
  'PING',
  'RESUME',
  'CLOSING',
]);

interface LinkState {
  readonly page: string;
  readonly user: string;
  readonly speaks: boolean;
  window: number | null;
  /** The server has seen RESUME: until then it may take the client for a plain one. */
  resumes: boolean;
  present: boolean;
  /** Positions sent down since the last RESUMED and not acknowledged yet, as the server knows it, oldest first. */
  unacked: string[];
  /** Numbers sent up and not receipted yet, as the client knows it, by clientId. */
  readonly unreceipted: Map<string, number[]>;
  /** The code that a CLOSING has announced: only that close may follow. */
  announced: number | null;
  /** A number came with another key than it was decided with. */
  reused: { readonly clientId: unknown; readonly n: unknown } | null;
}

/**
 * What is on the wire: I12 a plain server hears nothing of the extension, and only its close follows a CLOSING, I14 names of a sender's bookkeeping reach
 * nobody else, I15 no more than a window is unacknowledged either way, I17 what is volatile waits for presence and gives
 * way, I19 a number that is used again with another key gets no receipt.
 */
export const wireChecker = ({ maxBufferedBytes }: { readonly maxBufferedBytes: number }): Checker => ({
  rules: ['I12', 'I14', 'I15', 'I17', 'I19'],
  check(records) {
    const { breaches, note } = createBreaches();
    const links = new Map<number, LinkState>();
    /** The key of each number that was decided. */
    const keys = new Map<string, string>();
    /** The user who sent the command of this name. */
    const userOfUid = new Map<string, string>();

    const heardUp = (record: Record, state: LinkState, member: WireMember) => {
      const { type, clientId, n, key, uid } = member;
      if (typeof uid === 'string') userOfUid.set(uid, state.user);
      const isNamed = clientId !== undefined || n !== undefined || key !== undefined;
      if (!state.speaks) {
        if (EXTENSION_TYPES.has(type) || isNamed)
          note(record, 'I12', 'leaked', `${state.page} sends ${type} to a plain server`);
      } else if (typeof clientId === 'string' && typeof n === 'number') {
        const numbers = state.unreceipted.get(clientId) ?? [];
        state.unreceipted.set(clientId, numbers);
        numbers.push(n);
        const count = [...state.unreceipted.values()].reduce((sum, { length }) => sum + length, 0);
        if (state.window === null)
          note(record, 'I12', 'leaked', `${state.page} sends number ${n} before a WELCOME`);
        else if (count > state.window)
          note(record, 'I15', 'overflow', `${state.page} has ${count} commands on their way`);
      }
    };
    const arrivedUp = (state: LinkState, { type, clientId, n, key, messageId }: WireMember) => {
      if (type === 'RESUME') state.resumes = true;
      if (type === 'ACK') {
        const index = state.unacked.indexOf(String(messageId));
        if (index !== -1) state.unacked.splice(0, index + 1);
      }
      const known = keys.get(JSON.stringify([state.user, clientId, n]));
      if (known !== undefined && typeof key === 'string' && known !== key) state.reused = { clientId, n };
    };
    const sentDown = (record: Record & { what: 'frame' }, state: LinkState, member: WireMember) => {
      const { type, id, key, window } = member;
      if (!state.speaks) return;
      if (state.announced !== null)
        note(record, 'I12', 'leaked', `${type} goes to ${state.page} after CLOSING`);
      if (type === 'CLOSING') state.announced = Number(member.code);
      if (type === 'WELCOME' && typeof window === 'number') state.window = window;
      else if (type === 'PRESENCE') state.present = true;
      else if (type === 'RESUMED') state.unacked = [];
      else if (type === 'RECEIPT' && state.reused !== null && member.clientId === state.reused.clientId)
        note(record, 'I19', 'accepted in silence', `${state.page} uses number ${state.reused.n} again`);
      else if (typeof id === 'string') {
        state.unacked.push(id);
        if (state.resumes && state.window !== null && state.unacked.length > state.window)
          note(
            record,
            'I15',
            'overflow',
            `${state.unacked.length} messages to ${state.page} are unacknowledged`,
          );
        const isOwn = userOfUid.get(String(member.uid)) === state.user;
        if ((key !== undefined && !isOwn) || 'clientId' in member || 'n' in member)
          note(record, 'I14', 'leaked', `${state.page} gets the bookkeeping of another's ${member.uid}`);
      } else if (!CONTROL_TYPES.has(type)) {
        if (state.resumes && !state.present)
          note(record, 'I17', 'in the way', `${type} reaches ${state.page} before PRESENCE`);
        if (record.held > maxBufferedBytes)
          note(
            record,
            'I17',
            'in the way',
            `${type} joins ${record.held} bytes that ${state.page} does not read`,
          );
      }
    };
    const arrivedDown = (state: LinkState, { type, clientId, n }: WireMember) => {
      if (type !== 'RECEIPT' || typeof clientId !== 'string' || typeof n !== 'number') return;
      const numbers = state.unreceipted.get(clientId) ?? [];
      state.unreceipted.set(
        clientId,
        numbers.filter((other) => other > n),
      );
    };

    for (const record of records) {
      if (record.what === 'decided') {
        const name = JSON.stringify([record.user, record.clientId, record.n]);
        const known = keys.get(name);
        if (known !== undefined && known !== record.key)
          note(record, 'I19', 'accepted in silence', `number ${record.n} is decided with two keys`);
        keys.set(name, record.key);
      } else if (record.what === 'tail lost') {
        // The store no longer knows which numbers it had decided.
        for (const name of keys.keys()) if (JSON.parse(name)[0] === record.user) keys.delete(name);
      } else if (record.what === 'link') {
        links.set(record.link, {
          page: record.page,
          user: record.user,
          speaks: record.speaks,
          window: null,
          resumes: false,
          present: false,
          unacked: [],
          unreceipted: new Map(),
          announced: null,
          reused: null,
        });
      } else if (record.what === 'closed') {
        const state = links.get(record.link);
        if (state === undefined || record.by !== 'server') continue;
        if (state.announced !== null && state.announced !== record.code)
          note(
            record,
            'I12',
            'false verdict',
            `${state.page} is closed with ${record.code} after a CLOSING of ${state.announced}`,
          );
        if (state.reused !== null && record.code === 4400) state.reused = null;
        if (record.code === 4408 && state.resumes)
          note(record, 'I17', 'in the way', `${state.page} is closed for reading slowly`);
      } else if (record.what === 'frame') {
        const state = links.get(record.link);
        if (state === undefined) continue;
        for (const member of record.members) {
          if (record.way === 'up' && record.moment === 'sent') heardUp(record, state, member);
          else if (record.way === 'up') arrivedUp(state, member);
          else if (record.moment === 'sent') sentDown(record, state, member);
          else arrivedDown(state, member);
        }
      }
    }
    return breaches;
  },
});
