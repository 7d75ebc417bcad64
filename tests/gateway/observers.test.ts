import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Append } from '../../src/gateway/engine/log.ts';
import type { Engine, GatewayObserver, HandleCommand, ObservedSpan } from '../../src/gateway/index.ts';
import { memoryEngine } from '../../src/gateway/index.ts';
import { createObservation, type Observation } from '../../src/gateway/observation/observation.ts';
import { observeEngine } from '../../src/gateway/observation/observed-engine.ts';
import { PAGE, startGateway, tokenOf, userOf } from './support/gateway-harness.ts';
import { hearFacts } from './support/heard-facts.ts';
import { command, passOnToBert, settle, startHub } from './support/hub-harness.ts';

/** A hub that is observed as `createGateway` has its own observed. */
const startObservedHub = (
  options: { handle?: HandleCommand; engine?: Engine; observers?: GatewayObserver[] } = {},
) => {
  const { engine = memoryEngine(), handle = () => {}, observers = [] } = options;
  const clock = createVirtualClock();
  const heard = hearFacts();
  const observation = createObservation([heard.observer, ...observers], (error) =>
    expect.fail(error.message),
  );
  if (observation === null) throw new Error('There is an observer.');
  const observed = observeEngine(engine, observation, clock).engine;
  return { ...startHub({ engine: observed, clock, handle, observation }), heard };
};

describe('an observer hears of dials', () => {
  it('those that are let in and those that are refused, each by its reason', async () => {
    const heard = hearFacts();
    const { connect, dial, port } = await startGateway({
      observers: [heard.observer],
      authenticate: async (token) => {
        if (token === tokenOf('down')) throw new Error('down');
        return userOf(token);
      },
      maxSocketsPerUser: 1,
      heartbeatMs: 30_000,
    });
    await connect('anna');
    await dial('bert', { path: '/connect/nobodys/' }).closed;
    await dial('bert', { origin: 'https://elsewhere.example' }).closed;
    await dial('down').closed;
    const answer = await fetch(`http://127.0.0.1:${port}/connect/x/`, { method: 'POST' });
    expect(answer.status).toBe(404); // no upgrade, so none of ours
    expect(heard.counts).toMatchObject({
      'dial.accepted': 1,
      'dial.refused unauthenticated': 1,
      'dial.refused origin': 1,
      'dial.refused unjudged': 1,
      'error.reported authenticate-failed': 1,
      'error.reported upgrade-refused': 1,
    });
    expect(heard.figures()).toMatchObject({ connectionCount: 1, userCount: 1, isClosing: false });
  });

  it('those that a limit refuses, by the name of the limit, and those that come while it closes', async () => {
    const heard = hearFacts();
    const { connect, dial, gateway } = await startGateway({
      observers: [heard.observer],
      maxSocketsPerAddress: 1,
    });
    const anna = await connect('anna');
    await once(dial('bert').ws, 'error');
    await once(dial('bert', { protocolVersion: 8 }).ws, 'error');
    anna.ws.pause();
    const closing = gateway.close();
    expect(heard.figures().isClosing).toBe(true);
    await once(dial('cleo').ws, 'error');
    anna.ws.resume();
    await closing;
    expect(heard.counts).toMatchObject({
      'dial.refused maxSocketsPerAddress': 1,
      'dial.refused bad-handshake': 1,
      'dial.refused closing': 1,
      'socket.closed 1012': 1,
    });
  });
});

describe('an observer hears of sockets and messages', () => {
  it('how each socket ended, with the codes of the app as one', async () => {
    const heard = hearFacts();
    const { connect, gateway } = await startGateway({ observers: [heard.observer] });
    const [anna, bert, cleo] = [await connect('anna'), await connect('bert'), await connect('cleo')];
    anna.ws.close();
    gateway.disconnectUser('bert', 4999, 'of the app');
    cleo.send('garbage');
    for (const { closed } of [anna, bert, cleo]) await closed;
    await vi.waitFor(() => expect(gateway.connectionCount).toBe(0));
    expect(heard.counts).toMatchObject({
      'socket.closed peer': 1,
      'socket.closed other': 1,
      'socket.closed 4400': 1,
    });
  });

  it('what was received, sent and left out, by kind', async () => {
    const { connect, hub, heard } = startObservedHub();
    const anna = await connect('anna');
    await anna.resume(null);
    await hub.publish(['anna'], { type: 'NEWS' });
    await settle();
    hub.publishVolatile(['anna'], { type: 'LIVE' });
    anna.transport.stall();
    const large = { type: 'LIVE', text: 'x'.repeat(2 * 1024 * 1024) };
    for (let n = 0; n < 2; n += 1) hub.publishVolatile(['anna'], large);
    expect(heard.counts).toMatchObject({
      'message.received text': 1,
      'message.sent durable': 1,
      'message.sent live': 2,
      'message.sent greeting': 3, // WELCOME, RESUMED and PRESENCE
      'message.dropped': 1,
      'log.resumed first': 1,
    });
  });

  it('how a log was resumed', async () => {
    const { connect, hub, engine, heard } = startObservedHub();
    await hub.publish(['anna'], { type: 'NEWS' });
    const anna = await connect('anna');
    await anna.resume(await engine.last('anna'));
    await anna.resume('9-unknown');
    await anna.resume(null);
    expect(heard.counts).toMatchObject({
      'log.resumed continued': 1,
      'log.resumed discontinued': 1,
      'log.resumed first': 1,
    });
  });
});

describe('an observer hears of the engine', () => {
  it('how long its calls take and which fail', async () => {
    const clock = createVirtualClock();
    const heard = hearFacts();
    const observation = createObservation([heard.observer], () => {});
    const store = memoryEngine();
    const slow = {
      ...store,
      append: (...args: Parameters<Engine['append']>) =>
        new Promise<void>((resolve) => void clock.setTimeout(resolve, 70)).then(() => store.append(...args)),
      last: () => Promise.reject(new Error('disk full')),
    };
    // A frozen one is observed as well.
    const observed = observeEngine(
      Object.freeze(slow),
      observation as NonNullable<typeof observation>,
      clock,
    );
    const appended = observed.engine.append('anna', ['{"type":"A"}']);
    expect(observed.underWayCount).toBe(1);
    clock.passes(70);
    await appended;
    await expect(observed.engine.last('anna')).rejects.toThrow('disk full');
    expect(observed.underWayCount).toBe(0);
    expect(heard.valuesOf('engine.call', 'append')).toEqual([70]);
    expect(heard.counts).toMatchObject({ 'engine.call last': 1, 'engine.error last': 1 });
  });

  it('the lag from an append to the socket, once for each user and doorbell', async () => {
    const store = memoryEngine();
    const clock = createVirtualClock();
    const slow: Engine = {
      ...store,
      async readAfter(...args) {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 30));
        return store.readAfter(...args);
      },
    };
    const heard = hearFacts();
    const observation = createObservation([heard.observer], () => {});
    const { engine } = observeEngine(slow, observation as NonNullable<typeof observation>, clock);
    const rung = vi.fn();
    const stop = engine.subscribe('anna', rung);
    await engine.append('anna', ['{"type":"A"}']);
    await engine.append('nobody here', ['{"type":"A"}']);
    expect(rung).toHaveBeenCalledOnce();
    clock.passes(5);
    for (const _socket of [1, 2]) {
      const read = engine.readAfter('anna', '0', 32);
      clock.passes(30);
      await read;
    }
    stop();
    expect(heard.valuesOf('delivery.lag')).toEqual([35]);
  });

  /** A store whose appends take 40 ms each, as the engine of a gateway that is observed. */
  const startSlowStore = () => {
    const store = memoryEngine();
    const clock = createVirtualClock();
    const heard = hearFacts();
    const after40 = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, 40));
    const observation = createObservation([heard.observer], () => {}) as Observation;
    const slow = {
      ...store,
      version: 7,
      append: (...args: Parameters<Engine['append']>) => after40().then(() => store.append(...args)),
      appendMany: (appends: readonly Append[]) =>
        after40().then(() =>
          Promise.allSettled(appends.map(({ userId, texts }) => store.append(userId, texts))),
        ),
    };
    const { engine } = observeEngine(slow, observation, clock);
    const listen = (userId: string) => engine.subscribe(userId, () => {});
    const read = (userId: string) => engine.readAfter(userId, '0', 32);
    return { store, slow, clock, heard, engine, listen, read };
  };

  it('the lag from the beginning of the first append that is under way, one by one or many at once', async () => {
    const { clock, heard, engine, listen, read } = startSlowStore();
    for (const userId of ['anna', 'bert']) listen(userId);
    const one = engine.append('anna', ['{"type":"A"}']);
    clock.passes(10);
    const many = engine.appendMany?.([
      { userId: 'anna', texts: ['{"type":"B"}'] },
      { userId: 'bert', texts: ['{"type":"B"}'] },
    ]);
    clock.passes(30);
    await one;
    await read('anna');
    clock.passes(10);
    await many;
    for (const userId of ['anna', 'bert']) await read(userId);
    // The second append to Anna's log began while the first was under way.
    expect(heard.valuesOf('delivery.lag')).toEqual([40, 50, 40]);
    // All are over: the next one is counted from its own beginning.
    const next = engine.append('anna', ['{"type":"C"}']);
    clock.passes(40);
    await next;
    clock.passes(1);
    await read('anna');
    expect(heard.valuesOf('delivery.lag').at(-1)).toBe(41);
  });

  it('the lag of an append elsewhere from its doorbell, and none once nobody listens any more', async () => {
    const { store, clock, heard, listen, read } = startSlowStore();
    const stops = [listen('anna'), listen('anna')];
    await store.append('anna', ['{"type":"A"}']);
    clock.passes(3);
    stops[0]?.();
    await read('anna');
    expect(heard.valuesOf('delivery.lag')).toEqual([3]);
    await store.append('anna', ['{"type":"B"}']);
    stops[1]?.();
    await read('anna');
    expect(heard.valuesOf('delivery.lag')).toEqual([3]);
  });

  it('the lag until there is something to read, where a doorbell rings before', async () => {
    const { store, clock, heard, listen, read } = startSlowStore();
    listen('anna');
    store.ring?.(['anna']);
    await read('anna');
    expect(heard.valuesOf('delivery.lag')).toEqual([]);
    clock.passes(4);
    await store.append('anna', ['{"type":"A"}']);
    await read('anna');
    expect(heard.valuesOf('delivery.lag')).toEqual([4]);
  });

  it('no lag where nothing is read, nor of what is appended for users who have no socket here', async () => {
    const { clock, heard, engine, listen, read } = startSlowStore();
    const early = engine.append('anna', ['{"type":"A"}']);
    clock.passes(20);
    const stop = listen('anna');
    clock.passes(20);
    await early;
    // It began before anybody listened: counted from the doorbell.
    await read('anna');
    await engine.readAfter('bert', '0', 32);
    expect(heard.valuesOf('delivery.lag')).toEqual([0]);
    stop();
  });

  it('and is the same engine in all else, with one function for each method', () => {
    const { engine, slow } = startSlowStore();
    expect(Reflect.get(engine, 'version')).toBe(7);
    slow.version = 8;
    expect(Reflect.get(engine, 'version')).toBe(8);
    expect(['decideMany' in engine, 'appendMany' in engine]).toEqual([false, true]);
    expect(engine.decideMany).toBeUndefined();
    expect(engine.append).toBe(engine.append);
  });
});

/** Spans as they begin and end, with how they are nested. */
const followCommands = () => {
  const log: string[] = [];
  const context = new AsyncLocalStorage<string>();
  const spanOf = (name: string): ObservedSpan => {
    log.push(`${name} begins`);
    return {
      within: (run) => context.run(name, run),
      begin: (step) => spanOf(`${name} > ${step}`),
      end: (outcome) => void log.push(`${name}: ${outcome}`),
    };
  };
  const observer: GatewayObserver = {
    command: ({ kind, isDurable }) => spanOf(`${isDurable ? 'durable ' : ''}${kind}`),
  };
  return { log, context, observer };
};

describe('an observer follows a command', () => {
  it('from its arrival to its receipt, and the handler runs in its context', async () => {
    const { log, context, observer } = followCommands();
    const passOn = passOnToBert();
    const contexts: unknown[] = [];
    const { connect } = startObservedHub({
      observers: [observer],
      handle: async (given, tools) => {
        await settle();
        contexts.push(context.getStore());
        return passOn(given, tools);
      },
    });
    const anna = await connect('anna');
    await anna.resume(null);
    await anna.say(command('c1', 1));
    await settle();
    expect(anna.of('RECEIPT')).toHaveLength(1);
    expect(log).toEqual([
      'durable message begins',
      'durable message > wait begins',
      'durable message > wait: done',
      'durable message > handle begins',
      'durable message > handle: done',
      'durable message > decide begins',
      'durable message > decide: done',
      'durable message > fan-out begins',
      'durable message > fan-out: done',
      'durable message: done',
    ]);
    expect(contexts).toEqual(['durable message > handle']);
  });

  it('to each of its outcomes', async () => {
    const never = new Promise<void>(() => {});
    const { connect, clock, heard } = startObservedHub({
      handle: (given, { reject }) => {
        const what = given.kind === 'message' ? given.message.what : null;
        if (what === 'refuse') reject('not-allowed');
        if (what === 'throw') throw new Error('down');
        return what === 'hang' ? never : undefined;
      },
    });
    const anna = await connect('anna');
    await anna.resume(null);
    await anna.say(command('c1', 1));
    await anna.say(command('c1', 1));
    await anna.say(command('c1', 2, { what: 'refuse' }));
    await anna.say({ type: 'SKIP', clientId: 'c1', n: 3, key: 'key c1 3' });
    await anna.say(command('c1', 4, { what: 'throw' }));
    const bert = await connect('bert');
    await bert.resume(null);
    await bert.say(command('c2', 1, { what: 'hang' }));
    await bert.say(command('c2', 2));
    clock.passes(30_000);
    await settle();
    const counts = Object.entries(heard.counts).filter(([name]) => name.startsWith('command.ended'));
    expect(Object.fromEntries(counts)).toEqual({
      'command.ended done': 1,
      'command.ended repeated': 1,
      'command.ended rejected': 1,
      'command.ended skipped': 1,
      'command.ended failed': 1,
      'command.ended overdue': 1,
      'command.ended abandoned': 1,
    });
    expect(heard.valuesOf('command.ended', 'overdue')).toEqual([30_000]);
  });

  it('and counts those that wait', async () => {
    const heard = hearFacts();
    const ends: (() => void)[] = [];
    const { connect } = await startGateway({
      observers: [heard.observer],
      handle: () => new Promise((resolve) => void ends.push(resolve)),
    });
    const anna = await connect('anna');
    for (let n = 0; n < 3; n += 1) anna.send({ type: 'A' });
    await anna.caughtUp();
    expect(heard.figures().waitingCommandCount).toBe(2);
    for (let n = 0; n < 3; n += 1) {
      await vi.waitFor(() => expect(ends).toHaveLength(n + 1));
      ends[n]?.();
    }
    await vi.waitFor(() => expect(heard.counts['command.ended done']).toBe(3));
    expect(heard.figures().waitingCommandCount).toBe(0);
  });
});

describe('an observer that is broken', () => {
  const broken: GatewayObserver = {
    attach() {
      throw new Error('attach');
    },
    record() {
      throw new Error('record');
    },
    command: () => ({
      within() {
        throw new Error('within');
      },
      begin() {
        throw new Error('begin');
      },
      end() {
        throw new Error('end');
      },
    }),
  };

  it('is reported once, and everything goes on', async () => {
    const handled = vi.fn();
    const { connect, gateway, errors } = await startGateway({
      observers: [broken],
      handle: (_command, { publish }) => {
        handled();
        publish(['anna'], { type: 'DONE' });
      },
    });
    const anna = await connect('anna');
    anna.send({ type: 'A' });
    await vi.waitFor(() => expect(anna.of('DONE')).toHaveLength(1));
    expect(handled).toHaveBeenCalledOnce();
    await gateway.close();
    expect(errors.map(({ code }) => code)).toEqual(['observer-failed']);
    expect(errors[0]?.cause).toEqual(new Error('attach'));
  });

  it('that rejects is too, and ends no process', async () => {
    const rejecting = { record: () => Promise.reject(new Error('later')) };
    const { connect, gateway, errors } = await startGateway({ observers: [rejecting] });
    await connect('anna');
    await gateway.close();
    expect(errors.map(({ code }) => code)).toEqual(['observer-failed']);
  });

  it('that runs a step twice, or not at all, has it run once', () => {
    const run = vi.fn(() => 'result');
    for (const within of [(call: () => unknown) => void [call(), call()], () => {}]) {
      const observer = { command: () => ({ within, end() {} }) } as GatewayObserver;
      const span = createObservation([observer], () => {})?.command({ kind: 'message', isDurable: false });
      expect(span?.within(run)).toBe('result');
    }
    expect(run).toHaveBeenCalledTimes(2);
  });

  it.each([['a list'], [[{}]], [[null]], [{}]])(
    'is refused at once where it is none: %j',
    async (observers) => {
      const wrong = { observers } as unknown as { observers: GatewayObserver[] };
      await expect(startGateway(wrong)).rejects.toThrow('observers must be an array of objects with attach');
    },
  );
});

it('without an observer nothing is measured: there is nothing that could', () => {
  expect(createObservation([], () => {})).toBeNull();
});

it('an origin that may connect is no refusal', async () => {
  const heard = hearFacts();
  const { connect } = await startGateway({ observers: [heard.observer] });
  await connect('anna', { origin: PAGE });
  expect(Object.keys(heard.counts).filter((name) => name.startsWith('dial'))).toEqual(['dial.accepted']);
});
