import { assign, setup } from 'xstate';
import { NEGOTIATION_MS } from '../src/protocol/extension.ts';
import type { DeliveryEvent, DeliveryPort } from './delivery.events.ts';
import type { DeliveryStatus } from './delivery-status.ts';

/** How long a server has to answer RESUME, and one that is known to speak the extension has for its WELCOME, in ms: several round trips of a bad network and a busy server. */
export const RESUME_LIMIT_MS = 10_000;

/** How long the app has to load its state anew, in ms. A request that hangs for good must not stop the messages for good. */
export const RELOAD_LIMIT_MS = 120_000;

/** A timer this late, in ms, came after sleep or in a throttled tab: frames may be waiting to be read. */
export const LATE_MS = 1_000;

/** After a reload that failed, how long until the next, in ms. */
export const STALL_MS = 10_000;

/** What the delivery chart remembers. */
export interface DeliveryContext {
  readonly port: DeliveryPort;
  /** A WELCOME has come since the page began, or the app knows: this server is not taken for a plain one. */
  readonly isKnownSpeaker: boolean;
}

const nothing = (): void => {};
const SILENT_PORT: DeliveryPort = {
  rest: nothing,
  negotiate: nothing,
  isLate: () => false,
  followPlain: nothing,
  resume: nothing,
  follow: nothing,
  reload: nothing,
  giveUpReload: nothing,
  stall: nothing,
  breakLink: nothing,
};

export const initialDeliveryContext = ({
  port = SILENT_PORT,
  isKnownSpeaker = false,
}: Partial<DeliveryContext> = {}): DeliveryContext => ({ port, isKnownSpeaker });

const negotiationLimitOf = ({ isKnownSpeaker }: DeliveryContext): number =>
  isKnownSpeaker ? RESUME_LIMIT_MS : NEGOTIATION_MS;

/** The vocabulary of the delivery chart. */
export const deliverySetup = setup({
  types: {
    context: {} as DeliveryContext,
    events: {} as DeliveryEvent,
    input: {} as Partial<DeliveryContext> | undefined,
    tags: {} as DeliveryStatus,
  },
  guards: {
    isKnownSpeaker: ({ context }) => context.isKnownSpeaker,
    timerWasLate: ({ context }) => context.port.isLate(negotiationLimitOf(context)),
  },
  delays: {
    negotiationLimit: ({ context }) => negotiationLimitOf(context),
    resumeLimit: RESUME_LIMIT_MS,
    reloadLimit: RELOAD_LIMIT_MS,
    stallDelay: STALL_MS,
  },
  actions: {
    noteSpeaker: assign({ isKnownSpeaker: true }),
    rest: ({ context }) => context.port.rest(),
    negotiate: ({ context }) => context.port.negotiate(),
    followPlain: ({ context }) => context.port.followPlain(),
    resume: ({ context }) => context.port.resume(),
    follow: ({ context }) => context.port.follow(),
    reload: ({ context }) => context.port.reload(),
    giveUpReload: ({ context }) => context.port.giveUpReload(),
    stall: ({ context }) => context.port.stall(),
    breakUnanswered: ({ context }) => context.port.breakLink('unanswered'),
    breakLateWelcome: ({ context }) => context.port.breakLink('late-welcome'),
    breakVersion: ({ context }) => context.port.breakLink('version'),
  },
});
