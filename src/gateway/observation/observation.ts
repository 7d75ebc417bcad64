import { StatesocketError } from '../../protocol/errors.ts';
import { guarded } from '../guarded.ts';
import type { CommandOutcome, GatewayFact } from './gateway-facts.ts';
import type {
  CommandAttributes,
  CommandStep,
  GatewayFigures,
  GatewayObserver,
  ObservedSpan,
} from './gateway-observer.ts';

/** A span of every observer that follows commands. Throws nothing but what `run` throws. */
export interface GuardedSpan {
  within<Result>(run: () => Result): Result;
  begin(step: CommandStep): GuardedSpan;
  end(outcome: CommandOutcome): void;
}

/** The observers of one gateway, as its own code calls them: they cannot do it any harm. Null stands for none of them. */
export interface Observation {
  attach(figures: GatewayFigures): void;
  record(fact: GatewayFact, value: number, label: string): void;
  /** Null: nobody follows commands. */
  command(attributes: CommandAttributes): GuardedSpan | null;
}

type Guard = (observer: GatewayObserver, call: () => unknown) => void;

class SpanOfAll implements GuardedSpan {
  private readonly spans: readonly (readonly [GatewayObserver, ObservedSpan])[];
  private readonly guard: Guard;

  constructor(spans: readonly (readonly [GatewayObserver, ObservedSpan])[], guard: Guard) {
    this.spans = spans;
    this.guard = guard;
  }

  within<Result>(run: () => Result): Result {
    const outcomes: (() => Result)[] = [];
    // Whatever an observer does around it, or instead of it: it runs once.
    const once = () => {
      if (outcomes.length > 0) return;
      try {
        const result = run();
        outcomes.push(() => result);
      } catch (thrown) {
        outcomes.push(() => {
          throw thrown;
        });
      }
    };
    const nested = this.spans.reduce<() => void>(
      (inner, [observer, span]) =>
        span.within === undefined ? inner : () => this.guard(observer, () => void span.within?.(inner)),
      once,
    );
    nested();
    once();
    return (outcomes[0] as () => Result)();
  }

  begin(step: CommandStep): GuardedSpan {
    const begun: (readonly [GatewayObserver, ObservedSpan])[] = [];
    for (const [observer, span] of this.spans)
      this.guard(observer, () => {
        const part = span.begin?.(step);
        if (part !== undefined) begun.push([observer, part]);
      });
    return new SpanOfAll(begun, this.guard);
  }

  end(outcome: CommandOutcome): void {
    for (const [observer, span] of this.spans) this.guard(observer, () => span.end(outcome));
  }
}

/** @param report Must not throw. */
export const createObservation = (
  observers: readonly GatewayObserver[],
  report: (error: StatesocketError) => void,
): Observation | null => {
  if (observers.length === 0) return null;
  const told = new Set<GatewayObserver>();
  const failed = (observer: GatewayObserver, cause: unknown) => {
    if (told.has(observer)) return;
    told.add(observer);
    const what = 'An observer threw. It is called on, and nothing more is reported of it.';
    report(new StatesocketError('observer-failed', what, { cause }));
  };
  const guard: Guard = (observer, call) => guarded(call, (cause) => failed(observer, cause));
  const recorders = observers.filter(({ record }) => record !== undefined);
  const followers = observers.filter(({ command }) => command !== undefined);
  return {
    attach(figures) {
      for (const observer of observers) guard(observer, () => observer.attach?.(figures));
    },
    record(fact, value, label) {
      for (const observer of recorders) {
        // Not by `guard`: no closure for each message.
        try {
          const outcome: unknown = observer.record?.(fact, value, label);
          if (outcome !== undefined) guard(observer, () => outcome);
        } catch (cause) {
          failed(observer, cause);
        }
      }
    },
    command(attributes) {
      const spans: (readonly [GatewayObserver, ObservedSpan])[] = [];
      for (const observer of followers)
        guard(observer, () => {
          const span = observer.command?.(attributes);
          if (span !== undefined) spans.push([observer, span]);
        });
      return spans.length === 0 ? null : new SpanOfAll(spans, guard);
    },
  };
};
