import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createGroups, type SlotCall } from '../../src/gateway/postgres/groups.ts';
import { RequestFailed } from '../../src/gateway/postgres/requests.ts';

type Run = (calls: readonly SlotCall[]) => Promise<readonly unknown[]>;

const nameOf = ({ o, u, name }: SlotCall) => `${o} ${u} ${String(name)}`;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const lost = (code: string, isSent = true) =>
  new RequestFailed(Object.assign(new Error(code), { code }), isSent);

/** Groups on a virtual clock, and the transactions that the database was asked for. */
const start = () => {
  const clock = createVirtualClock();
  const asked: string[] = [];
  const state: { run: Run } = { run: async (calls) => calls.map(nameOf) };
  const groups = createGroups(
    (calls, writes) => {
      asked.push(`${writes ? 'write' : 'read'}: ${calls.map(nameOf).join(', ')}`);
      return state.run(calls);
    },
    {
      now: clock.now,
      setTimeout: (run, ms) => void clock.setTimeout(run, ms),
      nextTurn: (run) => void setImmediate(run),
    },
  );
  const call = (o: SlotCall['o'], u: string, name: unknown, isRepeatable = true) =>
    groups.call({ o, u, name }, isRepeatable).catch((error: Error) => error.message);
  const append = (u: string, name: unknown, isRepeatable = true) => call('append', u, name, isRepeatable);
  const pass = async (ms: number) => {
    clock.passes(ms);
    for (let n = 0; n < 5; n += 1) await settle();
  };
  return { clock, asked, state, groups, call, append, pass };
};

/** Transactions that come to an end when the test says so. */
const held = () => {
  const ends: (() => void)[] = [];
  const run: Run = (calls) => new Promise((resolve) => void ends.push(() => resolve(calls.map(nameOf))));
  return { run, end: (at: number) => ends[at]?.() };
};

describe('calls to Postgres', () => {
  it('of one turn share a transaction, those of one user in their order; reads go beside', async () => {
    const { asked, append, call } = start();
    const results = await Promise.all([
      append('anna', 1),
      append('bert', 1),
      append('anna', 2),
      call('last', 'cleo', 3),
      call('readAfter', 'dora', 4),
    ]);
    expect(asked).toEqual([
      'read: last cleo 3, readAfter dora 4',
      'write: append anna 1, append bert 1, append anna 2',
    ]);
    expect(results).toEqual([
      'append anna 1',
      'append bert 1',
      'append anna 2',
      'last cleo 3',
      'readAfter dora 4',
    ]);
  });

  it('of a user whose write is under way wait for it, reads too; others go on beside', async () => {
    const { asked, state, append, call, pass } = start();
    const { run, end } = held();
    state.run = run;
    const done = [append('anna', 1)];
    await pass(0);
    done.push(call('last', 'anna', 2), append('anna', 3), append('bert', 4), call('last', 'bert', 5));
    await pass(0);
    expect(asked).toEqual(['write: append anna 1', 'write: append bert 4, last bert 5']);
    end(0);
    await pass(0);
    expect(asked[2]).toBe('write: last anna 2, append anna 3');
    end(1);
    end(2);
    expect(await Promise.all(done)).toHaveLength(5);
  });

  it('are two transactions of writes at most at once, and 256 calls in each', async () => {
    const { asked, state, append, pass } = start();
    const { run, end } = held();
    state.run = run;
    const done = Array.from({ length: 600 }, (_, at) => append(`user ${at}`, at));
    await pass(0);
    expect(asked.map((one) => one.split(',').length)).toEqual([256, 256]);
    end(0);
    await pass(0);
    expect(asked.map((one) => one.split(',').length)).toEqual([256, 256, 88]);
    end(1);
    end(2);
    expect(new Set(await Promise.all(done)).size).toBe(600);
  });

  it('are done one by one where one of them cannot be done: it takes no other with it', async () => {
    const { asked, state, append } = start();
    state.run = async (calls) => {
      if (calls.some(({ name }) => name === 'bad')) throw lost('22P05');
      return calls.map(nameOf);
    };
    const results = await Promise.all([append('anna', 1), append('bert', 'bad'), append('cleo', 3)]);
    expect(results).toEqual([
      'append anna 1',
      'Postgres has refused a request of the engine.',
      'append cleo 3',
    ]);
    expect(asked).toHaveLength(4);
  });

  it('whose connection was lost are done again where that is harmless, and in their order', async () => {
    const { asked, state, append, pass } = start();
    const fine = state.run;
    state.run = () => Promise.reject(lost('ECONNRESET'));
    const [once, again] = [append('anna', 1, false), append('anna', 2)];
    await pass(0);
    expect(await once).toMatch(/^The connection to Postgres was lost/);
    const later = append('anna', 3);
    state.run = fine;
    await pass(9);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(await Promise.all([again, later])).toEqual(['append anna 2', 'append anna 3']);
    expect(asked.slice(1)).toEqual(['write: append anna 2, append anna 3']);
  });

  it('that were never sent are done again, whatever they are, for 5 s', async () => {
    const { asked, state, append, pass } = start();
    state.run = () => Promise.reject(lost('ECONNREFUSED', false));
    const result = append('anna', 1, false);
    await pass(0);
    for (let n = 0; n < 499; n += 1) await pass(10);
    expect(asked.length).toBeGreaterThan(400);
    await pass(10);
    expect(await result).toMatch(/^The connection to Postgres was lost/);
    const count = asked.length;
    await pass(1_000);
    expect(asked).toHaveLength(count);
  });

  it('whose slot another transaction has wait for it, alone, and are told after 5 s', async () => {
    const { state, append, pass } = start();
    const fine = state.run;
    state.run = async (calls) => calls.map((one) => (one.u === 'anna' ? null : nameOf(one)));
    const [locked, other] = [append('anna', 1), append('bert', 2)];
    await pass(0);
    expect(await other).toBe('append bert 2');
    state.run = fine;
    await pass(10);
    expect(await locked).toBe('append anna 1');
    state.run = async (calls) => calls.map(() => null);
    const never = append('anna', 3);
    await pass(0);
    for (let n = 0; n < 500; n += 1) await pass(10);
    expect(await never).toMatch(/^Another transaction has held the log of this user for too long/);
  });

  it('are finished when it closes, and taken no more', async () => {
    const { state, groups, append, pass } = start();
    const { run, end } = held();
    state.run = run;
    const last = append('anna', 1);
    await pass(0);
    let isClosed = false;
    const closing = groups.close().then(() => {
      isClosed = true;
    });
    expect(await append('bert', 2)).toBe('The engine is closed.');
    await pass(100);
    expect(isClosed).toBe(false);
    end(0);
    await closing;
    expect(await last).toBe('append anna 1');
  });
});
