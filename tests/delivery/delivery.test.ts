import { durableDelivery } from 'statesocket/delivery';
import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';

const NEW_MESSAGE = 'NEW_MESSAGE';
const news = (text: string) => ({ type: NEW_MESSAGE, text });
const resume = (after: string | null) => ({ type: 'RESUME', after });
const ack = (messageId: string) => ({ type: 'ACK', messageId });

/** Ada is connected; the server has not said anything yet. */
const setUp = <M extends { type: string }>(options: ScenarioOptions<M> = {}) => {
  const scenario = createScenario({ ack: true, delivery: durableDelivery(), ...options });
  const { connection, server } = scenario;
  const applied: string[] = [];
  connection.onMessage((message) => void applied.push((message as { text?: string }).text ?? message.type));
  connection.connect({ userId: 'ada' });
  server.accepts();
  return {
    ...scenario,
    applied,
    codes: () => scenario.errors.map(({ code }) => code),
    status: () => connection.delivery.getSnapshot().status,
    received: (type: string) =>
      (server.received as { type: string }[]).filter((frame) => frame.type === type),
    /** The socket is cut, and the next one opens and is welcomed. */
    comesBack: () => {
      server.closes(1006);
      scenario.clock.passes(1_000);
      server.accepts();
      server.welcomes();
    },
  };
};

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Ada's log is followed, from nothing on. */
const setUpLive = <M extends { type: string }>(options: ScenarioOptions<M> = {}) => {
  const scenario = setUp(options);
  scenario.server.welcomes();
  scenario.server.resumes();
  return scenario;
};

describe('the server speaks first', () => {
  it('WELCOME is answered with RESUME, the first one without a cursor', () => {
    const { server, status } = setUp();
    expect(status()).toBe('negotiating');
    server.welcomes();
    expect(server.received).toEqual([resume(null)]);
    server.resumes();
    expect(status()).toBe('live');
  });

  it('I12 a plain server never receives an extension frame, whatever it sends', () => {
    const { server, status, clock, received } = setUp();
    server.sends({ type: 'A', id: 'x' });
    expect(status()).toBe('plain');
    server.sends(
      { type: 'WELCOME', name: 'my own' },
      { type: 'RESUMED', ok: false, last: 'm1' },
      { type: 'A', id: 'y', prev: 'nonsense' },
      { type: 'RECEIPT', clientId: 'c', n: 1, rejected: [] },
      { type: 'HEARTBEAT', last: 'm9' },
    );
    clock.passes(60_000);
    expect(server.received).toEqual([ack('x'), ack('y')]);
    expect(received('RESUME')).toEqual([]);
  });

  it.each([
    ['a WELCOME of its own', '{"type":"WELCOME","v":1,"heartbeatMs":14000,"window":32}'],
    ['a WELCOME without a window', '{"type":"WELCOME","ext":"statesocket","v":1,"heartbeatMs":14000}'],
    ['no JSON', 'hello'],
  ])('I12 a server whose first frame is %s is a plain one', (_, text) => {
    const { server, status } = setUp();
    server.sendsText(text);
    expect(status()).toBe('plain');
    server.sends({ type: 'A', id: 'x' });
    expect(server.received).toEqual([ack('x')]);
  });

  it('I12 so is one that says nothing for two seconds, or sends bytes', () => {
    const quiet = setUp();
    quiet.clock.passes(2_000);
    expect(quiet.status()).toBe('plain');
    const binary = setUp();
    binary.server.sendsBytes(new ArrayBuffer(1));
    expect(binary.status()).toBe('plain');
  });

  it('I18 sleep is not taken for silence: the WELCOME may be there and unread', () => {
    const { server, clock, status } = setUp();
    clock.sleeps(60_000);
    expect(status()).toBe('negotiating');
    server.welcomes();
    expect(server.received).toEqual([resume(null)]);
  });

  it('a WELCOME after the first frame ends the socket, and the next one waits for it', () => {
    const { server, connection, clock, status } = setUp();
    server.sends({ type: 'A', id: 'x' });
    server.welcomes();
    expect(server.latest.closedWith).toEqual({ code: 1000 });
    expect(server.latest.sent).toEqual([ack('x')]);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('protocol');
    clock.passes(1_000);
    server.accepts();
    clock.passes(9_000);
    expect(status()).toBe('negotiating');
    server.welcomes();
    expect(server.received).toEqual([resume(null)]);
  });

  it('a server that is known to speak it and does not say so in 10 s is given up', () => {
    const { server, clock, connection, comesBack, status } = setUpLive();
    comesBack();
    expect(status()).toBe('resuming');
    server.closes(1006);
    clock.passes(1_000);
    server.accepts();
    clock.passes(10_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    expect(server.latest.sent).toEqual([]);
  });

  it('that the app knows (server) is never taken for plain, from its first socket on', () => {
    const { server, connection, clock, status, codes } = setUp({
      delivery: durableDelivery({ server: 'statesocket', durable: () => true }),
    });
    connection.send({ type: 'SEND' });
    clock.passes(9_999);
    expect([status(), server.received]).toEqual(['negotiating', []]);
    clock.passes(1);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
    clock.passes(1_000);
    server.accepts();
    server.sends({ type: 'HELLO' });
    expect(connection.getSnapshot().lastEnd?.cause).toBe('protocol');
    expect(server.received).toEqual([]);
    clock.passes(1_000);
    server.accepts();
    server.welcomes();
    expect(status()).toBe('resuming');
    expect(codes()).toEqual([]);
  });

  it('another version fails the connection and closes with 4400', () => {
    const { server, connection, codes, status } = setUp();
    server.welcomes({ v: 2 });
    expect(server.latest.closedWith).toEqual({ code: 4400 });
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'misconfigured' });
    expect([codes(), status()]).toEqual([['version-mismatch'], 'waiting']);
  });

  it('once on a socket: a second WELCOME is dropped, and reported as such', () => {
    const { server, errors, received } = setUpLive();
    server.welcomes();
    expect(errors).toMatchObject([
      { code: 'malformed-frame', message: 'A frame was dropped: a second WELCOME.' },
    ]);
    expect(received('RESUME')).toHaveLength(1);
  });

  it('WELCOME says how often it speaks: silence is found, after a PING', () => {
    const { server, connection, clock, received } = setUpLive();
    clock.passes(5_000);
    clock.passes(10_000);
    expect(received('PING')).toEqual([{ type: 'PING' }]);
    server.beats();
    clock.passes(15_000);
    expect(received('PING')).toHaveLength(2);
    clock.passes(5_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
  });

  it('I15 no WELCOME makes the client ask without a pause, or hold without an end', async () => {
    const { server, clock, received, applied, connection } = setUp();
    const reloads: (() => void)[] = [];
    connection.onDiscontinuity(() => new Promise<void>((resolve) => void reloads.push(resolve)));
    server.welcomes({ heartbeatMs: 1, window: Number.MAX_SAFE_INTEGER });
    server.resumes();
    server.publishes(...Array.from({ length: 2_000 }, (_, index) => news(`${index}`)));
    clock.passes(1_000);
    expect(received('PING').length).toBeLessThanOrEqual(10);
    reloads[0]?.();
    await settled();
    expect(applied).toHaveLength(1_024);
  });

  it.each([
    ['false', false as const],
    ['of its own', { intervalMs: 60_000, timeoutMs: 1_000, ping: () => 'own' }],
  ])('unless the app has said how it is watched: heartbeat %s', (_, heartbeat) => {
    const { clock, received } = setUpLive({ heartbeat });
    clock.passes(30_000);
    expect(received('PING')).toEqual([]);
  });
});

describe('durable messages', () => {
  it('I4 I5 are applied in the order of the log, each once, across sockets', () => {
    const { server, applied, comesBack } = setUpLive();
    server.publishes(news('one'), news('two'));
    server.closes(1006);
    server.publishes(news('three'));
    comesBack();
    expect(server.received).toEqual([resume('m2')]);
    server.resumes();
    server.publishes(news('four'));
    expect(applied).toEqual(['one', 'two', 'three', 'four']);
  });

  it('I5 a message whose prev is not the cursor is a hole: RESUME, and nothing until its answer', () => {
    const { server, applied, received } = setUpLive();
    server.publishes(news('one'));
    const [, three] = [server.stalls(), ...server.publishes(news('lost'))];
    expect(three?.id).toBe('m2');
    server.latest.deliver.frame(JSON.stringify({ ...news('three'), id: 'm3', prev: 'm2' }));
    expect(applied).toEqual(['one']);
    server.recovers();
    expect(received('RESUME')).toEqual([resume(null), resume('m1')]);
    expect(applied).toEqual(['one']);
    server.resumes();
    expect(applied).toEqual(['one', 'lost']);
  });

  it('I5 before RESUMED do not count, and are no fault: a gateway that waited long for RESUME sends as to a plain client', () => {
    const { server, applied, codes } = setUp();
    server.welcomes();
    server.sends({ ...news('one'), id: 'm1' });
    expect([applied, codes()]).toEqual([[], []]);
    server.resumes();
    server.sends({ ...news('two'), id: 'm2', prev: '0' });
    expect([applied, codes()]).toEqual([['two'], []]);
  });

  it('I4 a repeat is no exception: it does not follow the cursor, and is not applied', () => {
    const { server, applied, received } = setUpLive();
    const [one] = server.publishes(news('one'));
    server.sends(one);
    expect(applied).toEqual(['one']);
    expect(received('RESUME')).toHaveLength(2);
    server.resumes();
    expect(applied).toEqual(['one']);
  });

  it('I5 a HEARTBEAT whose last is not the cursor is a hole, at once', () => {
    const { server, received } = setUpLive();
    server.publishes(news('one'));
    server.beats();
    expect(received('RESUME')).toHaveLength(1);
    server.sends({ type: 'HEARTBEAT', last: 'm7' });
    expect(received('RESUME')).toEqual([resume(null), resume('m1')]);
  });

  it('I5 a second hole at the same cursor is a discontinuity', () => {
    const { server, connection, received } = setUpLive();
    server.publishes(news('one'));
    const reload = vi.fn();
    connection.onDiscontinuity(reload);
    server.sends({ type: 'HEARTBEAT', last: 'm7' });
    server.resumes();
    server.sends({ type: 'HEARTBEAT', last: 'm7' });
    expect(received('RESUME')).toEqual([resume(null), resume('m1'), resume(null)]);
    server.sends({ type: 'RESUMED', ok: true, last: 'm7' });
    expect(reload.mock.calls).toEqual([[{ reason: 'gap' }]]);
  });

  it('I6 are acknowledged after their listeners ran, cumulatively, 250 ms late at most', () => {
    const { server, connection, clock, received } = setUpLive();
    const ackedThen: unknown[] = [];
    connection.on(NEW_MESSAGE, () => ackedThen.push(...received('ACK').slice(1)));
    server.publishes(news('one'), news('two'));
    expect(received('ACK').slice(1)).toEqual([]);
    clock.passes(250);
    expect(received('ACK').slice(1)).toEqual([ack('m2')]);
    expect(ackedThen).toEqual([]);
  });

  it('I6 once listeners that return promises are done, and nobody is told later that they are not', async () => {
    const { server, connection, clock, received, codes } = setUpLive();
    let done = (): void => {};
    connection.on(
      NEW_MESSAGE,
      () =>
        new Promise<void>((resolve) => {
          done = resolve;
        }),
    );
    server.publishes(news('one'));
    clock.passes(1_000);
    expect(received('ACK').slice(1)).toEqual([]);
    done();
    await settled();
    clock.passes(250);
    expect(received('ACK').slice(1)).toEqual([ack('m1')]);
    for (let beats = 0; beats < 4; beats += 1) {
      clock.passes(10_000);
      server.beats();
    }
    expect(codes()).toEqual([]);
  });

  it.each([
    [32, 16],
    [200, 50],
    [1, 1],
  ])('I6 and with a window of %i, %i messages late at most', (window, count) => {
    const { server, received } = setUp();
    server.welcomes({ window });
    server.resumes();
    server.publishes(...Array.from({ length: count - 1 }, () => news('some')));
    expect(received('ACK').slice(1)).toHaveLength(0);
    server.publishes(news('last'));
    expect(received('ACK').slice(1)).toEqual([ack(`m${count}`)]);
  });

  it('the cursor is a user’s: another one begins without, and so does the same after logout', () => {
    const { server, connection } = setUpLive();
    server.publishes(news('one'));
    connection.connect({ userId: 'ben' });
    server.accepts();
    server.welcomes();
    expect(server.received).toEqual([resume(null)]);
    server.resumes();
    server.publishes(news('two'));
    connection.disconnect();
    connection.connect({ userId: 'ben' });
    server.accepts();
    server.welcomes();
    expect(server.received).toEqual([resume('m2')]);
    connection.logout();
    connection.connect({ userId: 'ben' });
    server.accepts();
    server.welcomes();
    expect(server.received).toEqual([resume(null)]);
  });

  it('I14 a listener that logs out ends it: the rest is not for this user, and the cursor is gone', () => {
    const { server, connection, applied } = setUpLive();
    connection.on(NEW_MESSAGE, () => connection.logout());
    const socket = server.latest;
    const [one, two] = server.publishes(news('one'), news('two'));
    expect([one?.id, two?.id]).toEqual(['m1', 'm2']);
    expect(applied).toEqual([]);
    expect(socket.sent).toEqual([resume(null), ack('0')]);
    connection.connect({ userId: 'ada' });
    server.accepts();
    server.welcomes();
    expect(server.received).toEqual([resume(null)]);
  });
});

describe('volatile messages', () => {
  it('I17 pass in every state, without an id, an ACK or a place in the order', () => {
    const { server, connection, applied } = setUp();
    server.welcomes();
    server.sends({ type: 'TYPING' });
    let done = () => {};
    connection.onDiscontinuity(() => new Promise<void>((resolve) => (done = resolve)));
    server.resumes();
    server.sends({ type: 'TYPING' });
    done();
    expect(applied).toEqual(['TYPING', 'TYPING']);
  });

  it('PRESENCE reaches its own listeners only, and no schema', () => {
    const schema = v.object({ type: v.literal(NEW_MESSAGE), text: v.string() });
    const { server, connection, applied, codes } = setUp({ messages: schema });
    const online: unknown[] = [];
    const stop = connection.on('PRESENCE', (message) => online.push(message.online));
    server.welcomes();
    server.resumes({ online: ['ben', 'cleo'] });
    stop();
    server.sends({ type: 'PRESENCE', online: [] }, { type: 'PRESENCE', online: [7] });
    expect(online).toEqual([['ben', 'cleo']]);
    expect([applied, codes()]).toEqual([[], ['malformed-frame']]);
  });
});

describe('a discontinuity', () => {
  const setUpReload = () => {
    const scenario = setUpLive();
    const { server, connection, comesBack } = scenario;
    server.publishes(news('one'));
    const reasons: string[] = [];
    const ends: { done(): void; failed(cause: unknown): void }[] = [];
    connection.onDiscontinuity(({ reason }) => {
      reasons.push(reason);
      return new Promise<void>((done, failed) => void ends.push({ done, failed }));
    });
    server.closes(1006);
    server.publishes(news('missed'));
    server.forgets();
    comesBack();
    return { ...scenario, reasons, ends };
  };
  it('I5 is told to the app; what comes is held until the app has reloaded, then goes on after it', async () => {
    const { server, applied, reasons, ends, status, received } = setUpReload();
    server.resumes();
    server.publishes(news('three'));
    server.beats();
    expect([status(), reasons, applied]).toEqual(['reloading', ['gap'], ['one']]);
    expect(received('ACK')).toEqual([]);
    ends[0]?.done();
    await settled();
    expect([status(), applied]).toEqual(['live', ['one', 'three']]);
    expect(received('ACK')).toEqual([ack('m2')]);
    server.publishes(news('four'));
    expect(applied).toEqual(['one', 'three', 'four']);
  });

  it('I5 the cursor stays where it was when the reload fails, and RESUME is tried again', async () => {
    const { server, clock, ends, status, codes, received, reasons } = setUpReload();
    server.resumes();
    ends[0]?.failed(new Error('HTTP 500'));
    await settled();
    expect([status(), codes()]).toEqual(['stalled', ['reload-failed']]);
    clock.passes(10_000);
    expect(received('RESUME')).toEqual([resume('m1'), resume('m1')]);
    server.resumes();
    ends[1]?.done();
    await settled();
    expect([status(), reasons]).toEqual(['live', ['gap', 'gap']]);
  });

  it('I5 and when the socket ends meanwhile: what the reload ends with is not for the next one', async () => {
    const { server, ends, status, comesBack, received } = setUpReload();
    server.resumes();
    comesBack();
    ends[0]?.done();
    await settled();
    expect([status(), received('RESUME')]).toEqual(['resuming', [resume('m1')]]);
  });

  it('I7 a reload that does not end is given up after 120 s', async () => {
    const { server, clock, ends, status, codes, connection, errors } = setUpReload();
    server.resumes();
    for (let beats = 0; beats < 12; beats += 1) {
      clock.passes(10_000);
      server.beats();
    }
    expect([connection.status, status(), codes()]).toEqual(['open', 'stalled', ['reload-failed']]);
    expect(errors[0]?.message).toContain('An onDiscontinuity listener did not resolve in 120 s');
    ends[0]?.done();
    await settled();
    expect(status()).toBe('stalled');
  });

  it('I15 no more is held than the window has; the rest is a hole', async () => {
    const { server, applied, ends, received, codes } = setUpReload();
    server.resumes();
    server.publishes(...Array.from({ length: 40 }, (_, index) => news(`held ${index}`)));
    ends[0]?.done();
    await settled();
    expect(applied).toHaveLength(33);
    server.beats();
    expect(received('RESUME')).toEqual([resume('m1'), resume('m34')]);
    server.resumes();
    expect([applied.length, codes()]).toEqual([41, []]);
  });

  it('I5 a HEARTBEAT that was held counts too', async () => {
    const { server, ends, received } = setUpReload();
    server.resumes();
    server.sends({ type: 'HEARTBEAT', last: 'm9' });
    ends[0]?.done();
    await settled();
    expect(received('RESUME')).toEqual([resume('m1'), resume('m2')]);
  });

  it('a listener that throws has failed, one that answers nothing is done', () => {
    const failing = setUp();
    failing.connection.onDiscontinuity(() => {
      throw new Error('mine');
    });
    failing.server.welcomes();
    failing.server.resumes();
    const done = setUp();
    const reasons: string[] = [];
    done.connection.onDiscontinuity(({ reason }) => void reasons.push(reason));
    done.server.welcomes();
    done.server.resumes();
    expect([done.status(), reasons]).toEqual(['live', ['first']]);
    return settled().then(() => {
      expect([failing.status(), failing.codes()]).toEqual(['stalled', ['reload-failed']]);
    });
  });

  it('without a listener a gap is reported, and a first load is not', () => {
    const { server, codes, comesBack, status } = setUpLive();
    expect(codes()).toEqual([]);
    server.publishes(news('one'));
    server.closes(1006);
    server.publishes(news('missed'));
    server.forgets();
    comesBack();
    server.resumes();
    expect([codes(), status()]).toEqual([['discontinuity'], 'live']);
  });

  it('I7 a RESUME that is not answered in 10 s ends the socket', () => {
    const { server, clock, connection } = setUp();
    server.welcomes();
    clock.passes(9_000);
    server.beats();
    clock.passes(1_000);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('silent');
  });
});

describe('a durable message that cannot be applied', () => {
  const schema = v.object({ type: v.literal(NEW_MESSAGE), text: v.string() });

  it('because it is invalid, is reported and skipped: the cursor and the ACK move', () => {
    const { server, applied, errors, clock, received } = setUpLive({ messages: schema });
    server.publishes({ type: NEW_MESSAGE }, news('two'));
    clock.passes(250);
    expect(applied).toEqual(['two']);
    expect(errors.map(({ code, cause }) => [code, (cause as { code?: string })?.code])).toEqual([
      ['message-skipped', 'invalid-message'],
    ]);
    expect(received('ACK')).toEqual([ack('0'), ack('m2')]);
  });

  it('is reported by its type, of which 64 characters are shown', () => {
    const { server, errors } = setUpLive({ messages: schema });
    server.publishes({ type: 'T'.repeat(1_000) });
    expect(errors[0]).toMatchObject({ code: 'message-skipped' });
    expect(errors[0]?.message).toMatch(/^A durable T{64} message was skipped/);
  });

  it('because nobody listens, is skipped the same way', () => {
    const scenario = createScenario({ delivery: durableDelivery() });
    scenario.connection.connect({ userId: 'ada' });
    scenario.server.accepts();
    scenario.server.welcomes();
    scenario.server.resumes();
    scenario.server.publishes(news('one'));
    expect(scenario.errors.map(({ code }) => code)).toEqual(['message-skipped']);
  });

  it('because a listener threw three times, is skipped; the other listeners ran once', () => {
    const { server, connection, applied, codes, received, clock } = setUpLive();
    const broken = vi.fn(() => {
      throw new Error('mine');
    });
    connection.on(NEW_MESSAGE, broken);
    server.publishes(news('one'));
    clock.passes(250);
    expect(broken).toHaveBeenCalledTimes(3);
    expect([applied, codes()]).toEqual([['one'], ['listener-failed', 'message-skipped']]);
    expect(received('ACK')).toEqual([ack('0'), ack('m1')]);
  });

  it('the first time only, is applied: a listener that threw is called again', () => {
    const { server, connection, codes } = setUpLive();
    const seen: unknown[] = [];
    let throws = 2;
    connection.on(NEW_MESSAGE, (message) => {
      throws -= 1;
      if (throws >= 0) throw new Error('mine');
      seen.push(message);
    });
    server.publishes(news('one'));
    expect([seen, codes()]).toMatchObject([[news('one')], ['listener-failed']]);
  });

  it('I16 because it has no id or no prev, is dropped; what is missing then shows as a hole', () => {
    const { server, applied, codes, received } = setUpLive();
    server.sends(
      { ...news('no id'), prev: '0' },
      { ...news('no prev'), id: 'm1' },
      { ...news('numbers'), id: 1, prev: 0 },
      { type: 'RESUMED', ok: 'yes', last: 'm1' },
      { type: 'RECEIPT', clientId: 'c' },
      { type: 'HEARTBEAT', last: 7 },
      { type: 'WELCOME', ext: 'statesocket', v: 1, heartbeatMs: 1, window: 1 },
      { type: 'RESUMED', ok: false, last: 'm9' },
    );
    expect([applied, new Set(codes())]).toEqual([[], new Set(['malformed-frame'])]);
    expect(received('RESUME')).toHaveLength(1);
  });
});

describe('the progress of a resume', () => {
  it('can be shown: the status, how many were applied, and whether all have been', () => {
    const { server, connection, comesBack } = setUpLive();
    server.publishes(news('one'));
    server.closes(1006);
    server.publishes(...Array.from({ length: 40 }, () => news('missed')));
    comesBack();
    const shown: unknown[] = [];
    const stop = connection.delivery.subscribe(() => shown.push(connection.delivery.getSnapshot()));
    const before = connection.delivery.getSnapshot();
    expect(connection.delivery.getSnapshot()).toBe(before);
    server.resumes();
    stop();
    server.closes(1006);
    expect(shown).toEqual([
      { status: 'live', appliedCount: 0, isCaughtUp: false, cursor: 'm1', repeatCount: 0 },
      { status: 'live', appliedCount: 16, isCaughtUp: false, cursor: 'm17', repeatCount: 0 },
      { status: 'live', appliedCount: 32, isCaughtUp: false, cursor: 'm33', repeatCount: 0 },
      { status: 'live', appliedCount: 40, isCaughtUp: true, cursor: 'm41', repeatCount: 0 },
    ]);
    expect(connection.delivery.getSnapshot()).toEqual({
      status: 'waiting',
      appliedCount: 0,
      isCaughtUp: false,
      cursor: 'm41',
      repeatCount: 0,
    });
  });

  it('goes on when a subscriber throws, and ends with the connection', () => {
    const { server, connection, clock, codes } = setUp();
    connection.delivery.subscribe(() => {
      throw new Error('mine');
    });
    server.welcomes();
    expect(codes()).toEqual(['listener-failed']);
    connection.dispose();
    expect([clock.timerCount, connection.delivery.getSnapshot().status]).toEqual([0, 'waiting']);
    expect(codes()).toEqual(['listener-failed']);
  });
});

describe('the chart of delivery', () => {
  it('is invoked by the chart of the connection, and its states are seen from there', () => {
    const { connection, server } = setUp();
    const delivery = () => connection.actor.getSnapshot().children.delivery?.getSnapshot().value;
    expect(delivery()).toBe('negotiating');
    server.welcomes();
    expect(delivery()).toBe('resuming');
    server.closes(1006);
    expect(delivery()).toBe('waiting');
  });

  it('ends with it, and leaves no timer', () => {
    const { connection, clock } = setUp();
    const { delivery } = connection.actor.getSnapshot().children;
    connection.dispose();
    expect(delivery?.getSnapshot().status).toBe('stopped');
    expect(clock.timerCount).toBe(0);
  });

  it('crashes the connection where it crashes, which is reported once', () => {
    const { connection, server, codes } = setUp();
    const { delivery } = connection.actor.getSnapshot().children;
    delivery?.send({
      get type() {
        throw new Error('mine');
      },
    });
    expect(codes()).toEqual(['chart-crashed']);
    expect(connection.getSnapshot()).toMatchObject({ status: 'failed', failure: 'crashed' });
    expect(server.latest.closedWith).toEqual({ code: 1000 });
  });
});
