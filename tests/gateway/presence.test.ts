import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import type { NodeChannel } from '../../src/gateway/engine/doorbell.ts';
import { createLocalNodes } from '../../src/gateway/engine/local-nodes.ts';
import { createPresence, type PresenceAudience } from '../../src/gateway/presence.ts';
import type { StatesocketError } from '../../src/protocol/index.ts';
import { startGateway } from './support/gateway-harness.ts';

const online = (userId: string) => ({ type: 'USER_ONLINE', userId });
const offline = (userId: string) => ({ type: 'USER_OFFLINE', userId });

/** The giver sees the recipient, and never the other way round. */
const SANTA: PresenceAudience = {
  watchers: (userId) => (userId === 'recipient' ? ['giver'] : []),
  watched: (userId) => (userId === 'giver' ? ['recipient'] : []),
};

describe('presence over real sockets', () => {
  it('tells the watchers of the first socket and, after the grace, of the last', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock, presence: SANTA });
    const giver = await connect('giver');
    const tabs = [await connect('recipient'), await connect('recipient')];
    await giver.caughtUp();
    expect(giver.frames).toEqual([online('recipient')]);
    for (const { ws, closed } of tabs) {
      await giver.caughtUp();
      expect(giver.of('USER_OFFLINE')).toEqual([]);
      clock.passes(10_000); // a tab that is left keeps the user online, however long
      ws.close();
      await closed;
    }
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    clock.passes(2_999);
    expect(gateway.isOnline('recipient')).toBe(true);
    await giver.caughtUp();
    expect(giver.of('USER_OFFLINE')).toEqual([]);
    clock.passes(1);
    expect(gateway.isOnline('recipient')).toBe(false);
    await vi.waitFor(() => expect(giver.of('USER_OFFLINE')).toEqual([offline('recipient')]));
  });

  it('does not flicker when a page is reloaded', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock, presence: SANTA });
    const giver = await connect('giver');
    const before = await connect('recipient');
    before.ws.close();
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    clock.passes(2_000);
    await connect('recipient');
    clock.passes(10_000);
    await giver.caughtUp();
    expect(giver.of('USER_ONLINE')).toEqual([online('recipient')]);
    expect(giver.of('USER_OFFLINE')).toEqual([]);
  });

  it('shows a new socket who is online of those it may watch', async () => {
    const { connect } = await startGateway({ presence: SANTA });
    await connect('recipient');
    await connect('somebody');
    const tabs = [await connect('giver'), await connect('giver')];
    for (const tab of tabs) {
      await tab.caughtUp();
      expect(tab.frames).toEqual([online('recipient')]);
    }
  });

  it('never tells the recipient of the giver (I14)', async () => {
    const clock = createVirtualClock();
    const { connect, gateway } = await startGateway({ clock, presence: SANTA });
    const recipient = await connect('recipient');
    const giver = await connect('giver');
    giver.ws.close();
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(1));
    clock.passes(3_000);
    const again = await connect('recipient');
    for (const socket of [recipient, again]) {
      await socket.caughtUp();
      expect(JSON.stringify(socket.frames)).not.toContain('giver');
    }
  });

  it('is not told at all when no audience is given', async () => {
    const { connect, gateway } = await startGateway();
    const [anna] = [await connect('anna'), await connect('bert')];
    await anna.caughtUp();
    expect(anna.frames).toEqual([]);
    expect(gateway.isOnline('bert')).toBe(true);
  });
});

/** Presence alone, and what it tells whom. */
const startPresence = (
  audience: PresenceAudience,
  nodes: Pick<NodeChannel, 'place' | 'online'> = createLocalNodes().open({ hear() {}, changed() {} }),
) => {
  const clock = createVirtualClock();
  const told: string[] = [];
  const errors: StatesocketError[] = [];
  const note = (userIds: readonly string[], text: string) => {
    const { type, userId } = JSON.parse(text) as { type: string; userId: string };
    for (const watcher of userIds)
      told.push(`${watcher}: ${userId} ${type === 'USER_ONLINE' ? 'on' : 'off'}`);
    return undefined;
  };
  const presence = createPresence({
    audience,
    graceMs: 100,
    clock,
    countOf: () => 0,
    nodes,
    sayChanged() {},
    tell: note,
    report: (error) => errors.push(error),
  });
  return {
    clock,
    told,
    errors,
    presence,
    join(userId: string) {
      presence.joined(userId);
      void presence.show(userId, (online) => {
        for (const other of online) note([userId], JSON.stringify({ type: 'USER_ONLINE', userId: other }));
      });
    },
  };
};

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('presence', () => {
  it('asks for the audience at each change, since rights change', async () => {
    let watchers = ['anna'];
    const { presence, join, clock, told } = startPresence({ watchers: () => watchers, watched: () => [] });
    join('zoe');
    await settle();
    watchers = ['bert'];
    presence.left('zoe');
    clock.passes(100);
    await settle();
    expect(told).toEqual(['anna: zoe on', 'bert: zoe off']);
  });

  it('tells changes in order though a late answer about an earlier one is still awaited', async () => {
    const answers: ((watchers: string[]) => void)[] = [];
    const { presence, join, clock, told } = startPresence({
      watchers: () => new Promise((resolve) => answers.push(resolve)),
      watched: () => [],
    });
    join('zoe');
    answers[0]?.(['anna']);
    await settle();
    presence.left('zoe');
    clock.passes(100);
    join('zoe');
    presence.left('zoe');
    clock.passes(100);
    expect(answers).toHaveLength(2);
    answers[1]?.(['anna']);
    await settle();
    expect(told).toEqual(['anna: zoe on', 'anna: zoe off']);
  });

  it('says nothing when the user was back before the audience was known', async () => {
    const answers: ((watchers: string[]) => void)[] = [];
    const { presence, join, clock, told } = startPresence({
      watchers: () => new Promise((resolve) => answers.push(resolve)),
      watched: () => [],
    });
    join('zoe');
    answers[0]?.(['anna']);
    await settle();
    presence.left('zoe');
    clock.passes(100);
    join('zoe');
    answers[1]?.(['anna']);
    await settle();
    expect(told).toEqual(['anna: zoe on']);
    expect(answers).toHaveLength(2);
  });

  it('reports an audience that cannot be asked, and goes on with the next change', async () => {
    let broken = true;
    const fail = () => {
      throw new Error('database gone');
    };
    const { presence, join, clock, told, errors } = startPresence({
      watchers: () => (broken ? fail() : ['anna']),
      watched: () => (broken ? Promise.reject(new Error('database gone')) : []),
    });
    join('zoe');
    await settle();
    expect(errors.map((error) => error.code)).toEqual(['presence-failed', 'presence-failed']);
    broken = false;
    presence.left('zoe');
    clock.passes(100);
    await settle();
    expect(told).toEqual(['anna: zoe off']);
  });

  it('shows those who are online, each once, and nobody that the user may not watch (I14)', async () => {
    const { presence, told } = startPresence({
      watchers: () => [],
      watched: (userId) => (userId === 'anna' ? ['zoe', 'yara', 'zoe', 'away'] : []),
    });
    for (const userId of ['zoe', 'yara', 'mallory']) presence.joined(userId);
    const shown: string[][] = [];

    await presence.show('anna', (online) => shown.push([...online]));
    await presence.show('mallory', (online) => shown.push([...online]));

    expect(shown).toEqual([['zoe', 'yara'], []]);
    expect(told).toEqual([]);
  });

  it('shows who is online when the audience is known, not when it was asked for', async () => {
    let answer = (_watched: readonly string[]) => {};
    const { presence } = startPresence({
      watchers: () => [],
      watched: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const shown: (readonly string[])[] = [];
    const showing = presence.show('anna', (online) => shown.push(online));
    presence.joined('zoe');

    answer(['zoe']);

    expect(await showing).toBe(true);
    expect(shown).toEqual([['zoe']]);
  });

  it('tells and shows nothing for which the audience was still being asked at the stop', async () => {
    const answers: ((userIds: readonly string[]) => void)[] = [];
    const later = () => new Promise<readonly string[]>((resolve) => answers.push(resolve));
    const { presence, told } = startPresence({ watchers: later, watched: later });
    presence.joined('zoe');
    const shown: (readonly string[])[] = [];
    void presence.show('zoe', (online) => shown.push(online));

    presence.stop();
    for (const answer of answers) answer(['anna', 'zoe']);
    await settle();

    expect(answers).toHaveLength(2);
    expect([told, shown]).toEqual([[], []]);
  });

  it('of a user who is gone for good is forgotten, and begins again with the next socket', async () => {
    const { presence, clock, told } = startPresence({ watchers: () => ['anna'], watched: () => [] });
    for (let day = 0; day < 2; day += 1) {
      presence.joined('zoe');
      await settle();
      presence.left('zoe');
      expect(presence.isOnline('zoe')).toBe(true);
      clock.passes(100);
      await settle();
      expect(presence.isOnline('zoe')).toBe(false);
    }
    expect(told).toEqual(['anna: zoe on', 'anna: zoe off', 'anna: zoe on', 'anna: zoe off']);
  });

  it('is looked up once for all who ask meanwhile, and the last to hear of it hears what it is by then', async () => {
    const answers: ((online: readonly string[]) => void)[] = [];
    const online = () => new Promise<readonly string[]>((resolve) => void answers.push(resolve));
    const nodes = { online, place: async () => ({ before: 0, after: 1 }) };
    const { presence, told } = startPresence({ watchers: () => [], watched: () => [] }, nodes);
    presence.look('zoe', ['anna']);
    presence.look('zoe', ['bert']);
    presence.look('zoe', ['cleo', 'bert']);
    expect(answers).toHaveLength(1);
    answers[0]?.(['zoe']);
    await settle();
    expect(told).toEqual(['anna: zoe on']);
    expect(answers).toHaveLength(2);
    answers[1]?.([]);
    await settle();
    expect(told).toEqual(['anna: zoe on', 'bert: zoe off', 'cleo: zoe off']);
    expect(answers).toHaveLength(2);
    // It begins again with the next one.
    presence.look('zoe', ['dora']);
    answers[2]?.(['zoe']);
    await settle();
    expect(told.at(-1)).toBe('dora: zoe on');
  });

  it('leaves no timer and tells nothing after stop (I10)', async () => {
    const { presence, join, clock, told } = startPresence({
      watchers: () => ['anna'],
      watched: () => ['zoe'],
    });
    join('zoe');
    await settle();
    presence.left('zoe');
    presence.stop();
    expect(clock.timerCount).toBe(0);
    const before = told.length;
    join('bert');
    presence.left('bert');
    clock.passes(1_000);
    await settle();
    expect(told).toHaveLength(before);
    expect(clock.timerCount).toBe(0);
  });
});
