import type { ActorRefFrom, AnyActorLogic } from 'xstate';
import {
  type DeliveryChartSnapshot,
  type DeliveryEvent,
  type DeliveryPort,
  type DeliveryStatus,
  deliveryMachineOf,
  deliveryStatusOf,
} from '../../machines/index.ts';
import { onInvoked, type StepListener, withSteps } from '../../machines/xstate-internals.ts';

export interface DeliveryChartOptions {
  readonly port: DeliveryPort;
  /** The chart of a queue of durable messages. Undefined: none is durable. */
  readonly outbox: AnyActorLogic | undefined;
  /** The server is never taken for a plain one. */
  readonly supportsDelivery: boolean;
  /** Told of each step, before its actions run. */
  readonly onStep: StepListener<DeliveryChartSnapshot> | undefined;
  /** A step is done. Must not throw. */
  readonly onStepped: () => void;
}

/** The delivery chart of one connection, as the rest of delivery speaks with it. */
export interface DeliveryChart {
  /** For the chart of the connection to invoke. It runs while that runs; where it crashes, so does that. */
  readonly logic: AnyActorLogic;
  /** Before it runs, and when it has ended, nobody hears. */
  tell(event: DeliveryEvent): void;
  status(): DeliveryStatus;
  supportsDelivery(): boolean;
}

export const createDeliveryChart = (options: DeliveryChartOptions): DeliveryChart => {
  const machine = deliveryMachineOf(options.port, options.outbox);
  const running: { self: ActorRefFrom<typeof machine> | null } = { self: null };
  const logic = withSteps(machine, {
    onStep: (event, before, after) => options.onStep?.(event, before, after),
  });
  onInvoked(logic, (self) => {
    running.self = self as ActorRefFrom<typeof machine>;
    // A crash is the parent's to tell: an observer that hears of it keeps XState from throwing it at nobody.
    running.self.subscribe({ next: options.onStepped, error: () => {} });
    return { supportsDelivery: options.supportsDelivery };
  });
  return {
    logic,
    tell: (event) => running.self?.send(event),
    status: () => (running.self === null ? 'waiting' : deliveryStatusOf(running.self.getSnapshot())),
    supportsDelivery: () => running.self?.getSnapshot().context.supportsDelivery ?? options.supportsDelivery,
  };
};
