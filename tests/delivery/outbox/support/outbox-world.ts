import { createVirtualClock } from 'statesocket/testing';
import { createActor } from 'xstate';
import type { OutboxStore } from '../../../../src/actors/outbox-store.ts';
import { createOutbox, type OutboxOptions } from '../../../../src/delivery/outbox/create-outbox.ts';
import type { OutboxCharts, OutboxControl } from '../../../../src/delivery/outbox/outbox.ts';
import type { OutboxLink } from '../../../../src/delivery/outbox/outbox-line.ts';
import type { StatesocketError } from '../../../../src/protocol/errors.ts';
import { createMapStore } from './map-store.ts';

/** What an outbox puts on a socket, as JSON. */
export interface SentFrame {
  readonly type: string;
  readonly clientId?: string;
  readonly n?: number;
  readonly key?: string;
  readonly text?: string;
}

/** One socket under the outbox. */
export const createLink = (options: { window?: number; onSend?: (frame: SentFrame) => void } = {}) => {
  const frames: SentFrame[] = [];
  const link = {
    window: options.window ?? 32,
    bufferedBytes: 0,
    brokenCount: 0,
    frames,
    send(text: string): void {
      const frame = JSON.parse(text) as SentFrame;
      frames.push(frame);
      options.onSend?.(frame);
    },
    broken(): void {
      link.brokenCount += 1;
    },
    /** The texts that were sent, a SKIP as its type. */
    get texts(): readonly string[] {
      return frames.map(({ type, text }) => (type === 'SKIP' ? 'SKIP' : String(text)));
    },
  };
  return link satisfies OutboxLink;
};

/** An outbox on virtual time, with readable uuids: u1, u2, … */
export const createWorld = ({
  store = null,
  name = 'u',
  ...options
}: Partial<OutboxOptions> & { store?: OutboxStore | null; name?: string } = {}) => {
  const clock = createVirtualClock();
  const errors: StatesocketError[] = [];
  let uuidCount = 0;
  const held: { charts: (() => void)[] | null } = { charts: null };
  const charts: OutboxCharts = {
    begin(queue) {
      const chart = createActor(outbox.chart, { input: { queue } });
      if (held.charts === null) chart.start();
      else held.charts.push(() => void chart.start());
    },
    ended() {},
  };
  const outbox: OutboxControl = createOutbox({
    clock,
    charts,
    store,
    maxCount: 1_000,
    maxAgeMs: 86_400_000,
    knowsServer: () => false,
    uuid: () => {
      uuidCount += 1;
      return `${name}${uuidCount}`;
    },
    report: (error) => void errors.push(error),
    ...options,
  });
  return {
    outbox,
    clock,
    /** From now on no chart begins: the one that they are children of is in a step. */
    holdsCharts(): void {
      held.charts ??= [];
    },
    /** The step is over. */
    beginsCharts(): void {
      const { charts } = held;
      held.charts = null;
      for (const begin of charts ?? []) begin();
    },
    errors,
    codes: () => errors.map(({ code }) => code),
    says: (text: string) => outbox.add(JSON.stringify({ type: 'SAY', text })),
    /** `text:state`, with the code of a failure. */
    shown: () =>
      outbox.entries.map(
        ({ message, state, code }) => `${message.text}:${state}${code === undefined ? '' : `:${code}`}`,
      ),
    /** The server has decided all of this client up to this frame. */
    receipts(frame: SentFrame | undefined, rejected: readonly { n: number; code: string }[] = []) {
      if (frame?.clientId === undefined || frame.n === undefined) throw new Error('That was no command.');
      outbox.receipt({ type: 'RECEIPT', clientId: frame.clientId, n: frame.n, rejected });
    },
  };
};

/** The world after `begin('ada')`. */
export const createStarted = (options: Parameters<typeof createWorld>[0] = {}) => {
  const world = createWorld(options);
  world.outbox.begin('ada');
  return world;
};

/** Lets promises that are due be settled. */
export const settles = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** A store whose answers come when the test says so, or fail. */
export const createSlowStore = ({ exclusive = true } = {}) => {
  const map = createMapStore();
  const waiting: { readonly what: string; resolve(): void; reject(cause: unknown): void }[] = [];
  const log: string[] = [];
  const later = (what: string, act: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      log.push(what);
      waiting.push({
        what,
        resolve() {
          act();
          resolve();
        },
        reject,
      });
    });
  const store: OutboxStore = {
    open(request) {
      let isOpen = true;
      const adopted: Parameters<typeof request.adopt>[0][] = [];
      const session = map.open({ ...request, adopt: (entries) => void adopted.push(entries) });
      const loaded = later('open', () => {
        if (isOpen) for (const entries of adopted) request.adopt(entries);
      });
      return {
        loaded,
        exclusive,
        put: (entry) => later(`put ${entry.n}${entry.failure ?? entry.skip ?? ''}`, () => session.put(entry)),
        remove: (entries) =>
          later(`remove ${entries.map(({ n }) => n).join(' ')}`, () => session.remove(entries)),
        close(held) {
          isOpen = false;
          session.close(held);
          log.push(['close', ...held].join(' '));
        },
      };
    },
  };
  return {
    store,
    /** What it was asked, oldest first. */
    log,
    /** The oldest question that has no answer yet is answered. */
    async answers(): Promise<void> {
      waiting.shift()?.resolve();
      await settles();
    },
    /** All that was asked is answered. */
    async answersAll(): Promise<void> {
      while (waiting.length > 0) {
        waiting.shift()?.resolve();
        await settles();
      }
    },
    async fails(cause: unknown = new Error('disk full')): Promise<void> {
      waiting.shift()?.reject(cause);
      await settles();
    },
  };
};
