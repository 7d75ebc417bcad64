import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSignals, platformSignals } from '../../src/actors/signals.ts';
import { createStandInPage } from './support/stand-in-page.ts';

afterEach(() => vi.unstubAllGlobals());

/** The global of a Web Worker, laid over that of Node. */
const standInWorker = ({ onLine = true } = {}) => {
  const { window: self } = createStandInPage();
  vi.stubGlobal('WorkerGlobalScope', class {});
  vi.stubGlobal('addEventListener', self.addEventListener);
  vi.stubGlobal('removeEventListener', self.removeEventListener);
  vi.stubGlobal('navigator', { onLine });
  const told: string[] = [];
  const signals = createSignals(platformSignals);
  signals.start(({ type }) => told.push(type));
  return { self, told, stop: signals.stop };
};

describe('in a Web Worker', () => {
  it('the network is listened to, though there is no window and no document', () => {
    const { self, told } = standInWorker();
    self.fires('offline');
    self.fires('online');
    expect(told).toEqual(['network.lost', 'network.restored']);
  });

  it('a worker that is made offline says so at once', () => {
    expect(standInWorker({ onLine: false }).told).toEqual(['network.lost']);
  });

  it('I10 nobody listens after the end', () => {
    const { self, stop } = standInWorker();
    expect(self.listenedTo).not.toEqual([]);
    stop();
    expect(self.listenedTo).toEqual([]);
  });
});

describe('in Node', () => {
  it('the global is not taken for a worker, though it may have addEventListener', () => {
    const { window: self } = createStandInPage();
    vi.stubGlobal('addEventListener', self.addEventListener);
    createSignals(platformSignals).start(() => {});
    expect(self.listenedTo).toEqual([]);
  });
});
