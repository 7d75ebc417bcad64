import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInspector } from '@statelyai/inspect';
import type { StatesocketError } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { type InspectionMessage, type InspectOptions, inspectConnection } from 'statesocket/stately';
import { createFakeServer, createScenario } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { canariesIn, codesOf, createCanaryScenario } from './inspected-life.ts';

afterEach(() => {
  vi.doUnmock('@statelyai/inspect');
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The chart's own steps, as `event → state`. */
const stepsIn = (messages: readonly InspectionMessage[]): string[] =>
  messages.flatMap((message) =>
    message.type === '@xstate.snapshot' && message.sessionId === message.rootId
      ? [`${message.event.type} → ${JSON.stringify(message.snapshot.value).replaceAll('"', '')}`]
      : [],
  );

const lastValue = (messages: readonly InspectionMessage[]) =>
  messages.findLast((message) => message.type === '@xstate.snapshot' && message.sessionId === message.rootId);

/** @statelyai/inspect hands on what happened when the page is idle. */
const hears = (messages: readonly InspectionMessage[], value: unknown) =>
  vi.waitFor(() => expect(lastValue(messages)).toMatchObject({ snapshot: { value } }));

const inspected = () => {
  const scenario = createCanaryScenario();
  const messages: InspectionMessage[] = [];
  const errors: StatesocketError[] = [];
  const inspection = inspectConnection(scenario.connection, {
    send: (message) => void messages.push(message),
    onError: (error) => void errors.push(error),
  });
  return { ...scenario, messages, inspectionErrors: errors, inspection };
};

describe('an inspection', () => {
  it('tells the transitions of a whole life, from the state it found on', async () => {
    const { connection, server, messages, livesAWholeLife } = inspected();
    await vi.waitFor(() => expect(messages).not.toEqual([]));
    livesAWholeLife();
    await hears(messages, 'loggedOut');

    const [first] = messages;
    if (first?.type !== '@xstate.actor') throw new Error('the first is the chart');
    expect(first).toMatchObject({
      name: 'connection',
      sessionId: connection.actor.sessionId,
      snapshot: { status: 'active', value: 'idle', tags: ['idle'] },
    });
    const { states } = JSON.parse(first.definition);
    expect(states.socket.states.open.states.liveness.states.watched.states.probing.on).toHaveProperty([
      'frame.heard',
    ]);
    const opened = '{socket:{open:{liveness:unwatched,stability:settling}}}';
    expect(stepsIn(messages).slice(0, 4)).toEqual([
      'user.connect → {socket:connecting}',
      `socket.opened → ${opened}`,
      `xstate.after.stableDelay.connection.socket.open.stability.settling → ${opened.replace('settling', 'stable')}`,
      'socket.closed → {backoff:waiting}',
    ]);
    expect(stepsIn(messages)).toContain('attempt.failed → {backoff:waiting}');
    expect(stepsIn(messages)).toContain('[redacted] → {backoff:waiting}');
    expect(stepsIn(messages)).toContain('user.logout → loggedOut');

    expect(
      messages.flatMap((message) =>
        message.type === '@xstate.snapshot' && message.snapshot.context?.supportsDelivery === false
          ? [`${message.event.type} → ${message.snapshot.value}`]
          : [],
      ),
    ).toEqual(
      expect.arrayContaining([
        'socket.opened → negotiating',
        'server.spoke → plain',
        'socket.ended → waiting',
      ]),
    );

    const closes = messages.filter(
      (message) => message.type === '@xstate.event' && message.event.type === 'socket.closed',
    );
    expect(closes[0]).toMatchObject({ event: { code: 1011, wasClean: true } });
    expect(lastValue(messages)).toMatchObject({
      snapshot: { context: { hasUser: false, online: true, tokenReason: 'connect' } },
    });
    const actors = messages.flatMap((message) => (message.type === '@xstate.actor' ? [message.name] : []));
    expect(new Set(actors)).toEqual(new Set(['connection', 'signals', 'delivery', 'socket']));
    expect(server.sockets.length).toBeGreaterThan(4);
  });

  it('I13 tells no token, user, host, payload, close reason or text of an error, string by string', async () => {
    const { messages, livesAWholeLife, connection, inspectionErrors } = inspected();
    const raw: unknown[] = [];
    const stately = createInspector({
      send: (message) => void raw.push(JSON.parse(JSON.stringify(message))),
    });
    connection.actor.system.inspect(stately.inspect);
    await vi.waitFor(() => expect(messages).not.toEqual([]));
    livesAWholeLife();
    await hears(messages, 'loggedOut');

    expect(messages.length).toBeGreaterThan(60);
    expect(canariesIn(messages)).toEqual([]);
    expect(inspectionErrors).toEqual([]);
    expect(canariesIn(raw), 'the search finds what @statelyai/inspect tells by itself').toEqual([
      'token',
      'firstUser',
      'secondUser',
      'closeReason',
      'firedByHand',
    ]);
  });

  it('never tells a message, however many there are', async () => {
    const { connection, server, messages } = inspected();
    connection.connect({ userId: 'ada' });
    server.accepts();
    await hears(messages, { socket: { open: { stability: 'settling', liveness: 'unwatched' } } });
    const before = messages.length;
    for (let count = 0; count < 100; count += 1) {
      server.sends({ type: 'NEW_MESSAGE', id: `m${count}` });
      connection.send({ type: 'TYPING' });
    }
    connection.disconnect();
    await hears(messages, 'idle');
    expect(stepsIn(messages.slice(before))).toEqual(['user.disconnect → idle']);
    expect(messages.length - before).toBeLessThan(10);
  });

  it('tells what happened while it was loaded', async () => {
    const { messages, livesAWholeLife } = inspected();
    livesAWholeLife();
    expect(messages).toEqual([]);
    await hears(messages, 'loggedOut');
    expect(messages[0]).toMatchObject({ type: '@xstate.actor', snapshot: { value: 'idle' } });
    expect(stepsIn(messages)[0]).toBe('user.connect → {socket:connecting}');
  });

  it('begins where the chart is by then, when more happened than it keeps', async () => {
    const { messages, connection, livesAWholeLife } = inspected();
    for (let times = 0; times < 20; times += 1) livesAWholeLife();
    connection.disconnect();
    await vi.waitFor(() => expect(messages).not.toEqual([]));
    expect(messages[0]).toMatchObject({ type: '@xstate.actor', snapshot: { value: 'loggedOut' } });
    connection.connect({ userId: 'ada' });
    await hears(messages, { socket: 'connecting' });
    expect(stepsIn(messages)).toEqual(['user.connect → {socket:connecting}']);
  });

  it('begins in the middle of a life too, with the actors that run already', async () => {
    const { connection, server } = createScenario({ delivery: durableDelivery() });
    connection.connect({ userId: 'ada' });
    server.accepts();
    const messages: InspectionMessage[] = [];
    inspectConnection(connection, { send: (message) => void messages.push(message) });
    await vi.waitFor(() => expect(messages).toHaveLength(4));
    expect(messages).toMatchObject([
      { name: 'connection', snapshot: { value: { socket: { open: { stability: 'settling' } } } } },
      { name: 'signals', parentId: connection.actor.sessionId, snapshot: { status: 'active' } },
      {
        name: 'delivery',
        parentId: connection.actor.sessionId,
        snapshot: { value: 'negotiating', tags: ['negotiating'], context: { supportsDelivery: false } },
      },
      { name: 'socket', snapshot: { status: 'active' } },
    ]);
  });

  it('tells of the queues of durable messages, and whose they are it does not', async () => {
    const { connection, server } = createScenario({ delivery: durableDelivery({ durable: () => true }) });
    connection.connect({ userId: 'ada-lovelace' });
    const messages: InspectionMessage[] = [];
    inspectConnection(connection, { send: (message) => void messages.push(message) });
    await vi.waitFor(() => expect(messages).not.toEqual([]));
    const actors = () => messages.flatMap((each) => (each.type === '@xstate.actor' ? [each] : []));
    const queue = actors().find(({ name }) => name === 'outbox 1');
    expect(queue).toMatchObject({ snapshot: { status: 'active', value: { here: 'parked' }, tags: [] } });
    expect(JSON.parse(queue?.definition ?? '')).toMatchObject({ id: 'outbox', initial: 'here' });
    server.accepts();
    server.welcomes();
    connection.send({ type: 'CHAT', text: 'a-payload' });
    connection.connect({ userId: 'ben' });
    await vi.waitFor(() => expect(actors().map(({ name }) => name)).toContain('outbox 2'));
    const states = messages.flatMap((each) =>
      each.type === '@xstate.snapshot' && each.sessionId === queue?.sessionId ? [each.snapshot.value] : [],
    );
    expect(states).toContainEqual({ here: 'flowing' });
    expect(states.at(-1)).toBe('left');
    expect(JSON.stringify(messages)).not.toMatch(/ada-lovelace|a-payload|ben/);
  });

  it('is silent after stop, of what was under way too, and the connection goes on', async () => {
    const { connection, server, messages, inspection } = inspected();
    await vi.waitFor(() => expect(messages).not.toEqual([]));
    const before = messages.length;
    connection.connect({ userId: 'ada' });
    inspection.stop();
    inspection.stop();
    server.accepts();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(messages).toHaveLength(before);
    expect(connection.status).toBe('open');
  });

  it('may be stopped before it was loaded', async () => {
    const { connection, messages, inspection, inspectionErrors } = inspected();
    inspection.stop();
    connection.connect({ userId: 'ada' });
    await import('@statelyai/inspect');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([messages, inspectionErrors]).toEqual([[], []]);
  });
});

describe('a receiver', () => {
  it('that throws changes nothing for the connection, and is reported', async () => {
    const quiet = createCanaryScenario();
    quiet.livesAWholeLife();
    const { connection, livesAWholeLife, errors } = createCanaryScenario();
    const reported: StatesocketError[] = [];
    const thrown = new Error('no room on my disk');
    inspectConnection(connection, {
      send: () => {
        throw thrown;
      },
      onError: (error) => void reported.push(error),
    });
    await vi.waitFor(() => expect(reported).not.toEqual([]));
    livesAWholeLife();
    expect(connection.recording()).toEqual(quiet.connection.recording());
    expect(codesOf(errors)).toEqual(codesOf(quiet.errors));
    await vi.waitFor(() => expect(reported.length).toBeGreaterThan(60));
    expect(new Set(codesOf(reported))).toEqual(new Set(['inspect-failed']));
    expect(reported[0]?.cause).toBe(thrown);
  });

  it('with none of the options is the console: no socket is dialled and no window is opened', async () => {
    const dialled = vi.fn();
    vi.stubGlobal('WebSocket', dialled);
    vi.stubGlobal('window', { open: dialled, requestIdleCallback: (run: () => void) => setTimeout(run, 0) });
    vi.stubGlobal('fetch', dialled);
    const said: InspectionMessage[] = [];
    vi.spyOn(console, 'info').mockImplementation((message) => void said.push(message));
    const { connection, livesAWholeLife } = createCanaryScenario();
    inspectConnection(connection);
    livesAWholeLife();
    await hears(said, 'loggedOut');
    expect(canariesIn(said)).toEqual([]);
    expect(dialled).not.toHaveBeenCalled();
  });
});

/** A real receiver that notes what comes. */
const createReceiver = async (port = 0) => {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const messages: InspectionMessage[] = [];
  let closedCount = 0;
  server.on('connection', (socket) => {
    socket.on('message', (data) => void messages.push(JSON.parse(String(data))));
    socket.on('close', () => {
      closedCount += 1;
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    closedCount: () => closedCount,
    async goes() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((closed) => server.close(closed));
    },
  };
};

describe('a receiver at a URL', () => {
  it('gets the whole life over a real socket, and no canary', async () => {
    const receiver = await createReceiver();
    const { connection, livesAWholeLife } = createCanaryScenario();
    const inspection = inspectConnection(connection, { url: `ws://127.0.0.1:${receiver.port}/`, WebSocket });
    livesAWholeLife();
    await hears(receiver.messages, 'loggedOut');
    expect(receiver.messages[0]).toMatchObject({ type: '@xstate.actor', name: 'connection' });
    expect(stepsIn(receiver.messages)).toContain('attempt.failed → {backoff:waiting}');
    expect(canariesIn(receiver.messages)).toEqual([]);
    inspection.stop();
    await vi.waitFor(() => expect(receiver.closedCount()).toBe(1));
    await receiver.goes();
  });

  it('that comes back is told where the chart is by then', async () => {
    const first = await createReceiver();
    const { connection, server } = createScenario();
    const inspection = inspectConnection(connection, { url: `ws://127.0.0.1:${first.port}/`, WebSocket });
    connection.connect({ userId: 'ada' });
    await hears(first.messages, { socket: 'connecting' });
    await first.goes();
    server.accepts();
    const second = await createReceiver(first.port);
    await vi.waitFor(() => expect(second.messages).not.toEqual([]), { timeout: 20_000 });
    expect(second.messages[0]).toMatchObject({
      type: '@xstate.actor',
      snapshot: { value: { socket: { open: { stability: 'settling' } } } },
    });
    inspection.stop();
    await second.goes();
  });

  it('is not dialled where the inspection was stopped before the inspector was loaded', async () => {
    const receiver = createFakeServer();
    const { connection } = createScenario();
    inspectConnection(connection, { url: 'ws://127.0.0.1:1/', WebSocket: receiver.WebSocket }).stop();
    await import('@statelyai/inspect');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(receiver.sockets).toEqual([]);
  });

  it('that no platform can dial is reported, without the URL', async () => {
    const reported: StatesocketError[] = [];
    const { connection } = createScenario();
    inspectConnection(connection, {
      url: 'not a url of a-secret-host',
      WebSocket,
      onError: (error) => void reported.push(error),
    });
    await vi.waitFor(() => expect(codesOf(reported)).toEqual(['inspect-unavailable']));
    expect(reported[0]?.message).toContain('The receiver at the url of an inspection cannot be reached');
    expect(`${reported[0]?.message}${reported[0]?.stack}`).not.toContain('a-secret-host');
    connection.connect({ userId: 'ada' });
    expect(connection.status).toBe('connecting');
  });
});

describe('what goes wrong', () => {
  it('in loading @statelyai/inspect is reported, and nothing is thrown', async () => {
    const missing = new Error("Cannot find package '@statelyai/inspect'");
    vi.doMock('@statelyai/inspect', () => {
      throw missing;
    });
    const { connection, livesAWholeLife, messages, inspectionErrors, inspection } = inspected();
    livesAWholeLife();
    await vi.waitFor(() => expect(codesOf(inspectionErrors)).toEqual(['inspect-unavailable']));
    expect(inspectionErrors[0]?.cause).toBeInstanceOf(Error);
    inspection.stop();
    expect(messages).toEqual([]);
    expect(connection.status).toBe('loggedOut');
  });

  it('where there is no window for Stately is reported', async () => {
    const reported: StatesocketError[] = [];
    inspectConnection(createScenario().connection, {
      stately: true,
      onError: (error) => void reported.push(error),
    });
    await vi.waitFor(() => expect(codesOf(reported)).toEqual(['inspect-unavailable']));
    expect(reported[0]?.cause).toMatchObject({ message: 'There is no window to open one from.' });
  });

  it.each([
    [{ send: 'console' }, 'send must be a function'],
    [{ url: '' }, 'url must be a string such as "ws://localhost:8080"'],
    [{ url: 8080 }, 'url must be a string such as'],
    [{ stately: 'yes' }, 'stately must be a boolean'],
    [{ onError: true }, 'onError must be a function'],
    [{ send: () => {}, url: 'ws://localhost:8080' }, 'pass one of send, url and stately'],
    [{ url: 'ws://localhost:8080', stately: true }, 'pass one of send, url and stately'],
  ])('in the options is thrown at once, with what to write: %j', (options, words) => {
    const { connection } = createScenario();
    const inspect = () => inspectConnection(connection, options as InspectOptions);
    expect(inspect).toThrowError(expect.objectContaining({ code: 'bad-option' }));
    expect(inspect).toThrowError(`inspectConnection: ${words}`);
  });
});
