import { createConnection } from 'statesocket';
import { createScenario, type VirtualClock } from 'statesocket/testing';
import type { Hub } from '../../../src/gateway/hub.ts';
import type { SessionTransport } from '../../../src/gateway/wire/session-transport.ts';
import { settle } from './hub-harness.ts';

/** Many real clients, each dialling the node that a balancer would send it to. */
export interface Crowd {
  /** When each dial came, in ms of the virtual clock. */
  readonly dials: readonly number[];
  /** The statuses of all clients, each with how many are in it. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How long clients were told to wait, of those who were. */
  readonly advices: readonly number[];
  /** Lets time pass, in steps, and every dial of it be answered. */
  passes(ms: number): Promise<void>;
}

/** Numbers below 1 that look like chance, and are the same each time. */
const fixedChance = () => {
  const state = { n: 1 };
  return () => {
    state.n = (state.n * 48_271) % 2_147_483_647;
    return state.n / 2_147_483_647;
  };
};

/** @param hubOf The node that takes dials at this moment. */
export const startCrowd = async (count: number, clock: VirtualClock, hubOf: () => Hub): Promise<Crowd> => {
  const random = fixedChance();
  const dials: number[] = [];
  const advices: number[] = [];
  const clients = Array.from({ length: count }, (_none, index) => {
    const scenario = createScenario((wiring) =>
      createConnection({ url: 'wss://node.test/', WebSocket: wiring.WebSocket, clock, random }),
    );
    scenario.connection.connect({ userId: `user-${index}` });
    return { ...scenario, userId: `user-${index}`, answered: 0 };
  });
  const answer = (client: (typeof clients)[number]) => {
    const { server, userId } = client;
    client.answered = server.sockets.length;
    dials.push(clock.now());
    server.accepts();
    const state = { isOpen: true };
    const tell = (text: string) => {
      const { minDelayMs } = JSON.parse(text);
      if (typeof minDelayMs === 'number') advices.push(minDelayMs);
      server.sendsText(text);
    };
    const transport: SessionTransport = {
      get isOpen() {
        return state.isOpen;
      },
      send: (frame) => tell(typeof frame === 'string' ? frame : String(frame.payload)),
      sendAll(frames, flushed) {
        for (const frame of frames) transport.send(frame);
        if (flushed !== undefined) queueMicrotask(flushed);
      },
      ping: () => queueMicrotask(() => session?.receivePong()),
      close(code, reason) {
        state.isOpen = false;
        server.closes(code, reason);
      },
      terminate: () => transport.close(1006, ''),
      bufferedBytes: 0,
    };
    const session = hubOf().admit({ userId, position: '0', identify: async () => userId }, transport);
  };
  const answerAll = () => {
    for (const client of clients) if (client.server.sockets.length > client.answered) answer(client);
  };
  await settle();
  answerAll();
  return {
    dials,
    advices,
    get statuses() {
      const statuses: Record<string, number> = {};
      for (const { connection } of clients)
        statuses[connection.status] = (statuses[connection.status] ?? 0) + 1;
      return statuses;
    },
    async passes(ms) {
      for (let passed = 0; passed < ms; passed += 20) {
        clock.passes(20);
        await settle();
        answerAll();
      }
    },
  };
};
