import type { OutboxEvent, OutboxPort } from '../../../machines/index.ts';
import type { StatesocketError } from '../../protocol/errors.ts';
import type { DueWork } from './due-work.ts';
import { changed } from './outbox-commit.ts';
import { reportDiscarded } from './outbox-judge.ts';
import type { OutboxParts } from './outbox-parts.ts';
import type { QueueChart } from './queue-chart.ts';

export interface OutboxPortOptions {
  readonly chart: QueueChart;
  readonly due: DueWork;
  readonly parts: OutboxParts;
  readonly areVerdictsKept: () => boolean;
  readonly tell: (event: OutboxEvent) => void;
  /** Nothing of it depends on this page any more. */
  readonly onOver: () => void;
  readonly report: (error: StatesocketError) => void;
}

/** What the chart of one queue has its session do. What may call an app is done when the step is over. */
export const createOutboxPort = (options: OutboxPortOptions): OutboxPort => {
  const { chart, due, tell, report } = options;
  const { queue, suspicion, store, age, judge, socket } = options.parts;
  const { apply, commit } = options.parts.commits;

  /** Its user is gone: what other pages may have is theirs. */
  const keepHeld = (held: ReadonlySet<string>): void => {
    suspicion.clears(queue.retain((entry) => held.has(entry.stored.clientId)));
    if (held.size === 0) tell({ type: 'all.stored' });
  };

  const close = (): void => {
    // What a user who has logged out left before is forgotten as it comes, after the end of the connection too.
    const last = chart.place === 'forgetting' ? store.opening : undefined;
    if (last === undefined) store.close();
    else last.then(store.close);
    options.onOver();
  };

  return {
    begin(running) {
      chart.runs(running);
      // It begins late where the user came within a step of the chart that it is a child of.
      queueMicrotask(() => {
        if (due.doAll()) commit([]);
      });
      return () => void due.add(close);
    },
    read(tellRead) {
      const read = (): void => {
        tellRead({ type: 'store.read', areVerdictsKept: options.areVerdictsKept() });
        due.doAll();
        commit([]);
      };
      return due.add(() => {
        apply(queue.entries.filter(judge.isForgotten).map(changed({ type: 'forget' })));
        const reading = store.open();
        if (reading === undefined) read();
        else reading.then(read);
      });
    },
    beginPlain: socket.beginPlain,
    beginFlow: socket.beginFlow,
    rest() {
      socket.meets(null);
      age.stop();
    },
    keep() {
      const keeping = { end: (): void => {} };
      const takeBack = due.add(() => {
        apply(queue.entries.map(changed({ type: 'leave' })));
        keeping.end = store.keep(keepHeld);
        store.settle();
      });
      return () => {
        takeBack();
        keeping.end();
      };
    },
    forget() {
      due.add(() => {
        reportDiscarded(queue.entries, 'logout', report);
        apply(queue.entries.map(changed({ type: 'forget' })));
      });
    },
  };
};
