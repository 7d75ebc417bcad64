import {
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { CommandOutcome } from '../observation/gateway-facts.ts';
import type { CommandStep, GatewayObserver, ObservedSpan } from '../observation/gateway-observer.ts';

/** What {@link openTelemetryObserver} takes. */
export interface OpenTelemetryObserverOptions {
  /** Who makes the spans. @default the global provider's tracer `statesocket`, asked for at each command */
  readonly tracer?: Tracer;
}

/** What the sender is told as a rejection is no error, nor is what another socket or an earlier try has done. */
const ERRORS: ReadonlySet<CommandOutcome> = new Set(['failed', 'overdue']);

/** A class: a busy gateway has five for each command. */
class TelemetrySpan implements ObservedSpan {
  private readonly tracer: Tracer;
  private readonly span: Span;
  private readonly context: Context;

  constructor(tracer: Tracer, span: Span, parent: Context) {
    this.tracer = tracer;
    this.span = span;
    this.context = trace.setSpan(parent, span);
  }

  within<Result>(run: () => Result): Result {
    return context.with(this.context, run);
  }

  begin(step: CommandStep): ObservedSpan {
    return new TelemetrySpan(
      this.tracer,
      this.tracer.startSpan(`statesocket ${step}`, {}, this.context),
      this.context,
    );
  }

  end(outcome: CommandOutcome): void {
    this.span.setAttribute('statesocket.outcome', outcome);
    if (ERRORS.has(outcome)) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/**
 * An observer that follows each command: a span `statesocket command` from its arrival to its receipt, in it one each for
 * `wait`, `handle`, `decide` and `fan-out`. The app's `handle` runs in the context of its span, so what it traces belongs there.
 *
 * A frame of a browser carries no trace context: each command is a trace of its own. Which are kept is the sampler's choice. No
 * span says who sent a command or what it says: add that in `handle`, where it may be known.
 *
 * @example
 * new NodeSDK({ traceExporter }).start();
 * createGateway({ …, observers: [openTelemetryObserver()] });
 */
export const openTelemetryObserver = ({
  tracer: given,
}: OpenTelemetryObserverOptions = {}): GatewayObserver => ({
  command({ kind, isDurable }) {
    // Asked for each time: an app may set its provider after its gateway is made.
    const tracer = given ?? trace.getTracer('statesocket');
    const parent = context.active();
    const attributes = { 'statesocket.command.kind': kind, 'statesocket.command.durable': isDurable };
    const span = tracer.startSpan(
      'statesocket command',
      { kind: SpanKind.SERVER, root: true, attributes },
      parent,
    );
    return new TelemetrySpan(tracer, span, trace.setSpan(parent, span));
  },
});
