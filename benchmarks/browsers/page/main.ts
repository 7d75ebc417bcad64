/** Connections through an outage, each to a server of its own. */
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  linearBackoff,
  type WireMessage,
} from 'statesocket';

/** How a connection is set up. */
export type Variant = 'default' | 'linear' | 'looks first' | 'another path';

/** What a connection has been through. */
export interface Course {
  readonly status: string;
  /** Handshakes that the connect deadline cut. */
  readonly cutCount: number;
  /** Sockets that were made. */
  readonly dialCount: number;
  /** When it was open last, by the wall clock. */
  readonly openAt: number;
}

const optionsOf = (variant: Variant, host: string): ConnectionOptions<WireMessage> => {
  const url = `ws://${host}/connect/a-token/`;
  if (variant === 'linear') return { url, backoff: linearBackoff() };
  if (variant === 'default') return { url };
  if (variant === 'another path') return { url: () => `ws://${host}/connect/${crypto.randomUUID()}/` };
  return {
    async url({ signal }) {
      // Rejects while the server is down: no handshake fails, and a browser that counts failures counts none.
      const { ok } = await fetch(`http://${host}/health`, { signal, cache: 'no-store' });
      if (!ok) throw new Error('down');
      return url;
    },
  };
};

const connections: {
  readonly connection: Connection;
  readonly course: { -readonly [K in keyof Course]: Course[K] };
}[] = [];

class CountedWebSocket extends WebSocket {
  static made = new Map<string, number>();
  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols);
    const { host } = new URL(url);
    CountedWebSocket.made.set(host, (CountedWebSocket.made.get(host) ?? 0) + 1);
  }
}

declare global {
  /** What the benchmark calls. */
  var begins: (variant: Variant, host: string) => void;
  var presses: (index: number) => void;
  var courses: () => readonly Course[];
}

globalThis.begins = (variant, host) => {
  const course = { status: 'idle', cutCount: 0, dialCount: 0, openAt: 0 };
  const connection = createConnection({ ...optionsOf(variant, host), WebSocket: CountedWebSocket });
  connection.onError(({ code }) => {
    if (code === 'connect-timeout') course.cutCount += 1;
  });
  connection.subscribe(() => {
    if (connection.status === 'open' && course.status !== 'open') course.openAt = Date.now();
    course.status = connection.status;
    course.dialCount = CountedWebSocket.made.get(host) ?? 0;
  });
  connections.push({ connection, course });
  connection.connect({ userId: 'ada' });
};
globalThis.presses = (index) => connections[index]?.connection.retry();
globalThis.courses = () => connections.map(({ course }) => course);
