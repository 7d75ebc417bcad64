import { type AnyActorLogic, assign, fromCallback, setup, spawnChild, stopChild } from 'xstate';
import { NEGOTIATION_MS } from '../src/protocol/extension.ts';
import type { DeliveryEvent } from './delivery.events.ts';
import type { DeliveryStatus } from './delivery-status.ts';

/** How long a server has for RESUMED, and a server that is known to speak the extension for WELCOME, in ms. That is several round
 * trips of a bad network and a busy server. */
export const RESUME_LIMIT_MS = 10_000;

/** How long the app has to load its state again, in ms. A request that hangs for good must not stop the messages for good. */
export const RELOAD_LIMIT_MS = 120_000;

/** After a reload that failed, how long until the next, in ms. */
export const STALL_MS = 10_000;

/** What the delivery chart remembers. */
export interface DeliveryContext {
  /** A WELCOME has come since the page began, or the app knows: this server is not taken for a plain one. */
  readonly supportsDelivery: boolean;
}

export const initialDeliveryContext = ({
  supportsDelivery = false,
}: Partial<DeliveryContext> = {}): DeliveryContext => ({ supportsDelivery });

const nothing = (): void => {};

/** How long the first frame of a socket may take, in ms. */
export const negotiationLimitOf = ({ supportsDelivery }: DeliveryContext): number =>
  supportsDelivery ? RESUME_LIMIT_MS : NEGOTIATION_MS;

const queueOf = (event: DeliveryEvent): number => ('queue' in event ? event.queue : 0);
const queueIdOf = (event: DeliveryEvent): string => `outbox ${queueOf(event)}`;

/** The vocabulary of the delivery chart. */
export const deliverySetup = setup({
  types: {
    context: {} as DeliveryContext,
    events: {} as DeliveryEvent,
    input: {} as Partial<DeliveryContext> | undefined,
    tags: {} as DeliveryStatus,
  },
  actors: {
    /** The outbox chart. Provided with the port; here it stays silent. */
    outbox: fromCallback(() => {}) as AnyActorLogic,
  },
  guards: {
    supportsDelivery: ({ context }) => context.supportsDelivery,
    /** Provided with the port; here no timer is late. */
    timerWasLate: () => false,
  },
  delays: {
    negotiationLimit: ({ context }) => negotiationLimitOf(context),
    resumeLimit: RESUME_LIMIT_MS,
    reloadLimit: RELOAD_LIMIT_MS,
    stallDelay: STALL_MS,
  },
  actions: {
    beginQueue: spawnChild('outbox', {
      id: ({ event }) => queueIdOf(event),
      input: ({ event }: { event: DeliveryEvent }) => ({ queue: queueOf(event) }),
    }),
    endQueue: stopChild(({ event }) => queueIdOf(event)),
    noteSupport: assign({ supportsDelivery: true }),
    // Provided with the port (`deliveryMachineOf`); here they do nothing.
    rest: nothing,
    negotiate: nothing,
    followPlain: nothing,
    resume: nothing,
    follow: nothing,
    reload: nothing,
    giveUpReload: nothing,
    stall: nothing,
    breakUnanswered: nothing,
    breakLateWelcome: nothing,
    breakVersion: nothing,
  },
});
