import { createConnection } from 'statesocket';
import type { SignalEvent } from 'statesocket/machines';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { createSignals, createSignalsActor, platformSignals } from '../../src/actors/signals.ts';
import { createStandInPage } from './support/stand-in-page.ts';

const startSignals = (prepare: (page: ReturnType<typeof createStandInPage>) => void = () => {}) => {
  const page = createStandInPage();
  prepare(page);
  const told: string[] = [];
  const signals = createSignals(page.ports);
  const start = () => signals.start((event: SignalEvent) => told.push(event.type));
  start();
  return { page, told, start, stop: signals.stop };
};

describe('the signals of a page', () => {
  it.each([
    ['offline', 'network.lost'],
    ['online', 'network.restored'],
    ['focus', 'page.shown'],
  ])('tell of %s on the window as %s', (type, fact) => {
    const { page, told } = startSignals();
    page.window.fires(type);
    expect(told).toEqual([fact]);
  });

  it.each([
    ['freeze', 'page.suspended'],
    ['resume', 'page.resumed'],
  ])('tell of %s on the document as %s', (type, fact) => {
    const { page, told } = startSignals();
    page.document.fires(type);
    expect(told).toEqual([fact]);
  });

  it('tell when the page turns visible, and not when it is hidden', () => {
    const { page, told } = startSignals();
    page.turns('hidden');
    expect(told).toEqual([]);
    page.turns('visible');
    expect(told).toEqual(['page.shown']);
  });

  it('tell when the page goes to the back/forward cache and comes from it', () => {
    const { page, told } = startSignals();
    page.window.fires('pagehide', { persisted: true });
    page.window.fires('pageshow', { persisted: true });
    expect(told).toEqual(['page.suspended', 'page.resumed']);
  });

  it('say nothing when the page goes away for good, and nothing when it loads', () => {
    const { page, told } = startSignals();
    page.window.fires('pageshow', { persisted: false });
    page.window.fires('pagehide', { persisted: false });
    expect(told).toEqual([]);
  });

  it('tell at their start that the platform is offline, and nothing where it is online', () => {
    const { told } = startSignals((page) => {
      page.navigator.onLine = false;
    });
    expect(told).toEqual(['network.lost']);
    expect(startSignals().told).toEqual([]);
  });

  it('take no event that keeps a page out of the back/forward cache', () => {
    const { page } = startSignals();
    const all = [...page.window.listenedTo, ...page.document.listenedTo];
    expect(all).toEqual([
      ...['focus', 'offline', 'online', 'pagehide', 'pageshow'],
      ...['freeze', 'resume', 'visibilitychange'],
    ]);
    expect(all).not.toContain('unload');
    expect(all).not.toContain('beforeunload');
  });

  it('I10 leave no listener when they stop, and may start again', () => {
    const { page, told, start, stop } = startSignals();
    expect(page.listenerCount).toBe(8);
    stop();
    expect(page.listenerCount).toBe(0);
    page.window.fires('offline');
    page.document.fires('freeze');
    expect(told).toEqual([]);
    stop();
    start();
    expect(page.listenerCount).toBe(8);
    page.window.fires('offline');
    expect(told).toEqual(['network.lost']);
  });

  it('I10 listen exactly as long as their actor runs', () => {
    const page = createStandInPage();
    const actor = createActor(fromCallback(createSignalsActor(createSignals(page.ports))));
    expect(page.listenerCount).toBe(0);
    actor.start();
    expect(page.listenerCount).toBe(8);
    actor.stop();
    expect(page.listenerCount).toBe(0);
  });
});

describe('on a server', () => {
  it('there is no window, no document, and nothing says offline', () => {
    expect(platformSignals.window()).toBeUndefined();
    expect(platformSignals.document()).toBeUndefined();
    expect(platformSignals.isOnline()).toBe(true);
  });

  it('a connection starts without them and touches no global', () => {
    const before = Object.getOwnPropertyNames(globalThis).sort();
    const listening = vi.fn();
    vi.stubGlobal('addEventListener', listening);
    const connection = createConnection({ url: 'ws://example.test/' });
    expect(connection.status).toBe('idle');
    connection.dispose();
    expect(listening).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before);
  });

  it.each([
    ['a window without a document, as Deno had', { window: createStandInPage().window }],
    ['a document that is not one', { window: {}, document: {} }],
  ])('%s is listened to by nobody', (_, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    const told: string[] = [];
    const signals = createSignals(platformSignals);
    signals.start(({ type }) => told.push(type));
    signals.stop();
    vi.unstubAllGlobals();
    expect(told).toEqual([]);
    expect(
      (globals.window as Partial<ReturnType<typeof createStandInPage>['window']>).listenedTo ?? [],
    ).toEqual([]);
  });
});

describe('a connection on a page', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  const setUp = ({ onLine = true } = {}) => {
    vi.useFakeTimers();
    const page = createStandInPage();
    page.navigator.onLine = onLine;
    vi.stubGlobal('window', page.window);
    vi.stubGlobal('document', page.document);
    vi.stubGlobal('navigator', page.navigator);
    const server = createFakeServer();
    const connection = createConnection({ url: 'ws://example.test/', WebSocket: server.WebSocket });
    connection.onError(() => {});
    return { page, server, connection };
  };

  it('I10 listens from its creation until it is disposed', () => {
    const { page, connection } = setUp();
    expect(page.listenerCount).toBe(8);
    connection.connect({ userId: 'ada' });
    connection.logout();
    expect(page.listenerCount).toBe(8);
    connection.dispose();
    expect(page.listenerCount).toBe(0);
  });

  it('I10 listens no more when its chart has crashed', () => {
    const { page, connection, server } = setUp();
    connection.connect({ userId: 'ada' });
    server.accepts();
    // A model event of the wrong shape stands for any defect inside the chart.
    connection.actor.send({
      type: 'socket.closed',
      get code(): number {
        throw new Error('defect');
      },
    } as never);
    expect(connection.getSnapshot().failure).toBe('crashed');
    expect(page.listenerCount).toBe(0);
  });

  it('that is offline from the start dials once, waits, and dials at once when the network is back', () => {
    const { page, connection, server } = setUp({ onLine: false });
    connection.connect({ userId: 'ada' });
    server.refuses();
    expect(connection.actor.getSnapshot().matches({ backoff: 'offline' })).toBe(true);
    vi.advanceTimersByTime(29_999);
    expect(server.sockets.length).toBe(1);
    page.window.fires('online');
    expect(server.sockets.length).toBe(2);
    expect(connection.getSnapshot().retryCount).toBe(0);
    connection.dispose();
  });

  it('I1 closes its socket when the page goes to the back/forward cache, and dials one when it comes from it', () => {
    const { page, connection, server } = setUp();
    connection.connect({ userId: 'ada' });
    server.accepts();
    page.window.fires('pagehide', { persisted: true });
    page.turns('hidden');
    page.document.fires('freeze');
    expect(connection.status).toBe('backoff');
    expect(server.live).toEqual([]);
    expect(connection.getSnapshot().lastEnd?.cause).toBe('suspended');
    page.document.fires('resume');
    page.turns('visible');
    page.window.fires('pageshow', { persisted: true });
    expect(server.live.length).toBe(1);
    expect(server.sockets.length).toBe(2);
    connection.dispose();
  });

  it('keeps its socket when the page is only hidden', () => {
    const { page, connection, server } = setUp();
    connection.connect({ userId: 'ada' });
    server.accepts();
    page.turns('hidden');
    vi.advanceTimersByTime(3_600_000);
    page.turns('visible');
    page.window.fires('focus');
    expect(connection.status).toBe('open');
    expect(server.sockets.length).toBe(1);
    connection.dispose();
  });

  it('that waits dials at once when somebody looks at the page', () => {
    const { page, connection, server } = setUp();
    connection.connect({ userId: 'ada' });
    server.refuses();
    expect(connection.status).toBe('backoff');
    page.turns('visible');
    expect(connection.status).toBe('connecting');
    expect(server.sockets.length).toBe(2);
    connection.dispose();
  });
});
