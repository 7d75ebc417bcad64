import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTelemetryObserver } from '../../src/gateway/tracing/index.ts';
import { startGateway } from './support/gateway-harness.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
});
afterEach(() => {
  exporter.reset();
  context.disable();
  trace.disable();
});

const spans = () => exporter.getFinishedSpans();
const spanOf = (name: string) => {
  const found = spans().find((span) => span.name === name);
  if (found === undefined) throw new Error(`There is no span ${name}.`);
  return found;
};

describe('the spans of a command', () => {
  it('are its parts below one of its own, and what the handler traces is below them', async () => {
    const { connect } = await startGateway({
      observers: [openTelemetryObserver()],
      handle: async (_command, { publish }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        trace.getTracer('app').startSpan('insert message').end();
        publish(['bert'], { type: 'NEWS' });
      },
    });
    const anna = await connect('anna');
    anna.send({ type: 'SECRET_TYPE', text: 'secret text' });
    await vi.waitFor(() => expect(spans().map(({ name }) => name)).toContain('statesocket command'));
    const root = spanOf('statesocket command');
    expect(root.parentSpanContext).toBeUndefined();
    expect(root.attributes).toEqual({
      'statesocket.command.kind': 'message',
      'statesocket.command.durable': false,
      'statesocket.outcome': 'done',
    });
    expect(root.status).toEqual({ code: SpanStatusCode.UNSET });
    for (const part of ['wait', 'handle', 'fan-out'])
      expect(spanOf(`statesocket ${part}`).parentSpanContext?.spanId).toBe(root.spanContext().spanId);
    const handle = spanOf('statesocket handle').spanContext();
    expect(spanOf('insert message').parentSpanContext?.spanId).toBe(handle.spanId);
    // Neither who sent it nor what it says.
    const told = JSON.stringify(spans().map(({ name, attributes, events }) => [name, attributes, events]));
    expect(told).not.toMatch(/anna|secret/i);
  });

  it('say that it failed, without what was thrown', async () => {
    const { connect } = await startGateway({
      observers: [openTelemetryObserver({ tracer: provider.getTracer('mine') })],
      handle: () => Promise.reject(new Error('secret')),
    });
    const anna = await connect('anna');
    anna.send({ type: 'A' });
    await anna.closed;
    await vi.waitFor(() => expect(spans()).toHaveLength(3));
    const root = spanOf('statesocket command');
    expect(root.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(root.events).toEqual([]);
  });

  it('are none where no provider is set, and everything goes on', async () => {
    trace.disable();
    const handle = vi.fn();
    const { connect, errors } = await startGateway({ observers: [openTelemetryObserver()], handle });
    const anna = await connect('anna');
    anna.send({ type: 'A' });
    await anna.caughtUp();
    expect(handle).toHaveBeenCalledOnce();
    expect([...errors, ...spans()]).toEqual([]);
  });
});
