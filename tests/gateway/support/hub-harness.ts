import { createVirtualClock, type VirtualClock } from 'statesocket/testing';
import { vi } from 'vitest';
import type { HandleCommand } from '../../../src/gateway/commands/command.ts';
import { createHub, type HubLimits, type HubOptions } from '../../../src/gateway/hub.ts';
import { type Engine, memoryEngine } from '../../../src/gateway/index.ts';
import type { Session } from '../../../src/gateway/session/session.ts';
import type { StatesocketError } from '../../../src/protocol/index.ts';
import { createFakeTransport, type FakeTransport } from './fake-transport.ts';

export type Message = Record<string, unknown> & { readonly type: string };

/** A socket at the hub, and what its client has got. It answers nothing but pings by itself. */
export interface Peer {
  readonly transport: FakeTransport;
  /** Every text frame so far, parsed: a message, or an array of them. */
  readonly frames: readonly (Message | readonly Message[])[];
  /** Every message so far, batches taken apart. */
  readonly messages: readonly Message[];
  /** The types of all messages so far, in order. */
  readonly types: readonly string[];
  of(type: string): readonly Message[];
  /** The code it was closed with, or null. */
  readonly closeCode: number | null;
  /** Sends a frame and lets everything settle that it sets going. */
  say(frame: unknown): Promise<void>;
  /** Sends RESUME and lets everything settle. */
  resume(after: string | null): Promise<void>;
  /** The network is gone. */
  cut(): void;
  /** The link is dead, and nobody has told the gateway: no ping is answered any more. */
  die(): void;
  /** Nothing that it says is read any more: its pongs wait. */
  hold(): void;
}

export interface HubHarness {
  readonly hub: ReturnType<typeof createHub>;
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly errors: readonly StatesocketError[];
  /** The codes of the errors so far. */
  readonly codes: readonly string[];
  connect(userId: string): Promise<Peer>;
}

/** Lets promises settle; the virtual clock stands still. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const LIMITS: HubLimits = {
  heartbeatMs: 14_000,
  presenceGraceMs: 3_000,
  maxPayloadBytes: 1024 * 1024,
  maxBufferedBytes: 1024 * 1024,
  maxSocketsPerUser: 16,
  maxCommandsPerSecond: 1_000,
  windowCount: 32,
};

/** A hub without a network: one node on an engine, which several hubs may share. */
export const startHub = (
  options: Partial<Omit<HubOptions, 'limits'>> & {
    limits?: Partial<HubLimits>;
    clock?: VirtualClock;
    handle?: HandleCommand;
  } = {},
): HubHarness => {
  const { engine = memoryEngine(), clock = createVirtualClock(), limits, ...rest } = options;
  const errors: StatesocketError[] = [];
  const hub = createHub({
    handle: () => {},
    report: (error) => errors.push(error),
    ...rest,
    engine,
    clock,
    limits: { ...LIMITS, ...limits },
  });
  return {
    hub,
    engine,
    clock,
    errors,
    get codes() {
      return errors.map((error) => error.code);
    },
    async connect(userId) {
      let isDead = false;
      let heldAt = Number.POSITIVE_INFINITY;
      const transport = createFakeTransport(() =>
        queueMicrotask(() => void (isDead || heldAt < clock.now() || session?.receivePong())),
      );
      const position = await engine.last(userId);
      const session: Session | null = hub.admit(
        { userId, position, identify: async () => userId },
        transport,
      );
      session?.readBy({ readUntil: (now) => Math.min(now, heldAt), kept() {} });
      const texts = () => transport.log.filter((line) => /^[[{]/.test(line));
      const peer: Peer = {
        transport,
        get frames() {
          return texts().map((text) => JSON.parse(text));
        },
        get messages() {
          return peer.frames.flat() as Message[];
        },
        get types() {
          return peer.messages.map(({ type }) => type);
        },
        of: (type) => peer.messages.filter((message) => message.type === type),
        get closeCode() {
          const line = transport.log.find((one) => one.startsWith('close '));
          return line === undefined ? null : Number(line.split(' ')[1]);
        },
        async say(frame) {
          session?.receiveText(typeof frame === 'string' ? frame : JSON.stringify(frame));
          await settle();
        },
        resume: (after) => peer.say({ type: 'RESUME', after }),
        cut: () => session?.transportClosed(),
        hold() {
          heldAt = clock.now();
        },
        die() {
          isDead = true;
        },
      };
      return peer;
    },
  };
};

/** A durable command. */
export const command = (clientId: string, n: number, rest: Record<string, unknown> = {}) => ({
  type: 'SEND',
  clientId,
  n,
  key: `key ${clientId} ${n}`,
  ...rest,
});

/** A handler that passes each command on to bert, and a note of what it was given. */
export const passOnToBert = () =>
  vi.fn<HandleCommand>((given, { publish }) => {
    if (given.kind === 'message') publish(['bert'], { ...given.message, type: 'NEW_MESSAGE' });
  });
