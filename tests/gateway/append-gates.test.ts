import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import {
  createAppendGates,
  MAX_UNDER_WAY_COUNT,
  PATIENCE_MS,
} from '../../src/gateway/commands/append-gates.ts';
import { type Engine, memoryEngine } from '../../src/gateway/index.ts';
import { command, passOnToBert, settle, startHub } from './support/hub-harness.ts';

const startGates = () => {
  const clock = createVirtualClock();
  const gates = createAppendGates(clock);
  const inside: string[] = [];
  return {
    clock,
    gates,
    /** Who was let in, in order. */
    inside,
    enter(owner: string, name = owner) {
      const place = gates.of(owner).enter();
      if (place === undefined) inside.push(name);
      else void place.then(() => inside.push(name));
    },
    leave: (owner: string) => gates.of(owner).leave(),
  };
};

const fill = ({ enter }: ReturnType<typeof startGates>, owner: string) => {
  for (let n = 0; n < MAX_UNDER_WAY_COUNT; n += 1) enter(owner);
};

describe('the appends of one owner', () => {
  it('are let in at once, with no timer, up to 256', () => {
    const gates = startGates();
    fill(gates, 'anna');

    expect(gates.inside).toHaveLength(MAX_UNDER_WAY_COUNT);
    expect(gates.clock.timerCount).toBe(0);
  });

  it('beyond that wait, come in their order as others leave, and hold up nobody else', async () => {
    const gates = startGates();
    fill(gates, 'anna');
    for (const name of ['first', 'second', 'third']) gates.enter('anna', name);
    gates.enter('bert');
    gates.inside.splice(0, MAX_UNDER_WAY_COUNT);
    expect(gates.inside).toEqual(['bert']);

    gates.leave('anna');
    await settle();
    expect(gates.inside).toEqual(['bert', 'first']);
    gates.leave('anna');
    gates.leave('anna');
    await settle();

    expect(gates.inside).toEqual(['bert', 'first', 'second', 'third']);
    expect(gates.clock.timerCount).toBe(0);
  });

  it('overtake nobody who waits, also when there is room again', async () => {
    const gates = startGates();
    fill(gates, 'anna');
    gates.enter('anna', 'waits');
    gates.leave('anna');
    gates.enter('anna', 'comes later');
    await settle();

    expect(gates.inside.slice(MAX_UNDER_WAY_COUNT)).toEqual(['waits']);
  });

  it('that hang keep the others back for a second, and no longer; while some end, the others wait for those', async () => {
    const gates = startGates();
    fill(gates, 'anna');
    for (const name of ['first', 'second']) gates.enter('anna', name);

    gates.clock.passes(PATIENCE_MS - 1);
    gates.leave('anna'); // one ends: patience begins again
    await settle();
    gates.clock.passes(PATIENCE_MS - 1);
    await settle();
    expect(gates.inside.slice(MAX_UNDER_WAY_COUNT)).toEqual(['first']);
    gates.clock.passes(1);
    await settle();

    expect(gates.inside.slice(MAX_UNDER_WAY_COUNT)).toEqual(['first', 'second']);
    expect(gates.clock.timerCount).toBe(0);
  });

  it('are all let in when the gates open, and no timer is left', async () => {
    const gates = startGates();
    fill(gates, 'anna');
    for (let n = 0; n < 600; n += 1) gates.enter('anna');

    gates.gates.open();
    gates.enter('anna');
    await settle();

    expect(gates.inside).toHaveLength(MAX_UNDER_WAY_COUNT + 601);
    expect(gates.clock.timerCount).toBe(0);
  });
});

/** An engine beside the loop that does one append after the other, when the test says so. */
const startSerial = () => {
  const memory = memoryEngine();
  const line: { readonly userId: string; readonly run: () => void }[] = [];
  const engine: Engine = {
    ...memory,
    append: (userId, ...rest) =>
      new Promise((resolve, reject) => {
        line.push({ userId, run: () => void memory.append(userId, ...rest).then(resolve, reject) });
      }),
  };
  return {
    engine,
    memory,
    line,
    async does(count: number) {
      for (const { run } of line.splice(0, count)) run();
      await settle();
    },
  };
};

const usersOf = (count: number) => Array.from({ length: count }, (_, i) => `user${i}`);

describe('an engine that does one append after the other', () => {
  it('never has more than 256 of one publish before the command of a user', async () => {
    const { engine, memory, line, does } = startSerial();
    const { hub, connect } = startHub({ engine, handle: passOnToBert() });
    const anna = await connect('anna');
    let isDone = false;
    void hub.publish(usersOf(2_000), { type: 'NEWS' }).then(() => {
      isDone = true;
    });

    await anna.say(command('page', 1));
    expect(line.findIndex(({ userId }) => userId === 'bert')).toBe(MAX_UNDER_WAY_COUNT);
    await does(MAX_UNDER_WAY_COUNT + 1);
    expect(anna.of('RECEIPT')).toHaveLength(1);
    expect(line).toHaveLength(MAX_UNDER_WAY_COUNT);
    while (line.length > 0) await does(100);

    expect(isDone).toBe(true);
    expect(await memory.last('user1999')).not.toBe('0');
  });

  it('gets two publishes for each user in their order, also those that wait', async () => {
    const { engine, memory, line, does } = startSerial();
    const { hub } = startHub({ engine });
    for (const row of [1, 2])
      void hub.publish(usersOf(400), { type: 'NEWS', text: row }, { outbox: 'news', row });
    while (line.length > 0) await does(7);

    const texts = await Promise.all(usersOf(400).map((userId) => memory.readAfter(userId, '0', 9)));
    expect(texts.map((entries) => entries?.map(({ text }) => JSON.parse(text).text))).toEqual(
      usersOf(400).map(() => [1, 2]),
    );
  });

  it('that hangs at some logs holds up the others for a second; a hub that has closed leaves no timer', async () => {
    const { engine, line } = startSerial();
    const { hub, clock } = startHub({ engine });
    void hub.publish(usersOf(600), { type: 'NEWS' });
    await settle();
    expect(line).toHaveLength(256);

    clock.passes(PATIENCE_MS);
    await settle();
    expect(line).toHaveLength(512);
    await hub.drain();
    await settle();

    expect(line).toHaveLength(600);
    expect(clock.timerCount).toBe(0);
  });
});
