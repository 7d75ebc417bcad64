import type { WebSocketLike } from '../../../src/actors/web-socket-like.ts';
import type { SessionTransport } from '../../../src/gateway/wire/session-transport.ts';
import type { SharedFrame } from '../../../src/gateway/wire/shared-frame.ts';
import type { Host } from './host.ts';
import type { Scheduler } from './scheduler.ts';
import { createWire, type Wire } from './wire.ts';

/** What the server's side of a link does when something reaches it. */
export interface ServerEnd {
  receiveText(text: string): void;
  receivePong(): void;
  transportClosed(): void;
}

/** The socket that a page made, as its link sees it. */
export interface ClientEnd {
  opened(): void;
  received(text: string): void;
  closed(code: number, reason: string, wasClean: boolean): void;
}

/** One TCP connection with its WebSocket, between a page and a gateway, each side of which may be wrong about the other. */
export interface Link {
  readonly id: number;
  readonly userId: string;
  readonly page: string;
  readonly node: string;
  readonly up: Wire;
  readonly down: Wire;
  /** Whether either side still believes in it. */
  readonly isAlive: boolean;
  readonly clientIsOpen: boolean;
  /** Whether its gateway lives and has it open. */
  readonly serverIsOpen: boolean;
  /** The client's kernel tells it that the connection is gone. */
  endClient(): void;
  /** The server's kernel tells it so. */
  endServer(): void;
  /** The client's half of the API. */
  readonly client: { send(text: string): void; close(): void; readonly bufferedAmount: number };
  /** The server's half. `bind` is called once, when the session exists. */
  readonly transport: SessionTransport;
  /** The handshake goes up; when the server has it, this happens. */
  handshake(then: () => void): void;
  /** The server answers the handshake. */
  accept(): void;
  bind(end: ServerEnd): void;
}

export interface LinkOptions {
  readonly id: number;
  readonly userId: string;
  readonly scheduler: Scheduler;
  readonly page: Host;
  readonly node: Host;
  readonly latencyMs: () => number;
  readonly client: ClientEnd;
  /** Called for each frame as it is sent; what it answers is called when the frame arrives. */
  readonly tap: (way: 'up' | 'down', text: string) => () => void;
  readonly closed: (by: 'client' | 'server', code: number) => void;
}

/** How long each side waits for the other to answer its close, in ms. */
const CLOSE_GRACE_MS = 2_000;

export const createLink = (options: LinkOptions): Link => {
  const { scheduler, page, node, client, tap } = options;
  const up = createWire(scheduler, options.latencyMs);
  const down = createWire(scheduler, options.latencyMs);
  let clientState: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  let serverState: 'open' | 'closing' | 'closed' = 'open';
  let server: ServerEnd | null = null;

  const clientCloses = (code: number, reason: string, wasClean: boolean) => {
    if (clientState === 'closed') return;
    clientState = 'closed';
    if (page.isAlive) client.closed(code, reason, wasClean);
  };
  const serverCloses = () => {
    if (serverState === 'closed') return;
    serverState = 'closed';
    if (node.isAlive) server?.transportClosed();
  };
  const toServer = (bytes: number, arrive: () => void) =>
    up.send({ bytes, arrive: () => node.after(0, () => void (serverState === 'closed' || arrive())) });
  /** @param flushed There are no buffers on the way: what has left the server has arrived. */
  const toClient = (bytes: number, arrive: () => void, flushed = () => {}) =>
    down.send({
      bytes,
      arrive() {
        page.after(0, () => void (clientState === 'closed' || arrive()));
        node.after(0, flushed);
      },
    });

  const sendDown = (frame: string | SharedFrame, flushed?: () => void) => {
    const text = typeof frame === 'string' ? frame : String(frame.payload);
    if (serverState !== 'open') {
      if (flushed !== undefined) node.after(0, flushed);
      return;
    }
    const arrived = tap('down', text);
    const arrive = () => {
      // As the platform: a socket that is closing delivers nothing any more.
      if (clientState !== 'open') return;
      arrived();
      client.received(text);
    };
    toClient(text.length, arrive, flushed);
  };

  return {
    id: options.id,
    userId: options.userId,
    page: page.name,
    node: node.name,
    up,
    down,
    get isAlive() {
      return (clientState !== 'closed' && page.isAlive) || (serverState !== 'closed' && node.isAlive);
    },
    get serverIsOpen() {
      return serverState === 'open' && server !== null && node.isAlive;
    },
    get clientIsOpen() {
      return clientState === 'open' && page.isAlive;
    },
    endClient: () => clientCloses(1006, '', false),
    endServer: serverCloses,
    client: {
      send(text) {
        if (clientState !== 'open') return;
        const arrived = tap('up', text);
        toServer(text.length, () => {
          if (serverState !== 'open') return;
          arrived();
          server?.receiveText(text);
        });
      },
      close() {
        if (clientState === 'closing' || clientState === 'closed') return;
        clientState = 'closing';
        options.closed('client', 1000);
        toServer(0, () => {
          toClient(0, () => clientCloses(1000, '', true));
          serverCloses();
        });
        scheduler.after(CLOSE_GRACE_MS, () => clientCloses(1006, '', false));
      },
      get bufferedAmount() {
        return up.heldBytes;
      },
    },
    transport: {
      get isOpen() {
        return serverState === 'open';
      },
      send: (frame) => sendDown(frame),
      sendAll(frames, flushed) {
        for (const [n, frame] of frames.entries())
          sendDown(frame, n === frames.length - 1 ? flushed : undefined);
      },
      ping() {
        // The platform answers it, not the page.
        down.send({
          bytes: 0,
          arrive: () => void (clientState === 'open' && toServer(0, () => server?.receivePong())),
        });
      },
      close(code, reason) {
        if (serverState !== 'open') return;
        serverState = 'closing';
        options.closed('server', code);
        toClient(0, () => clientCloses(code, reason, true));
        node.after(CLOSE_GRACE_MS, serverCloses);
      },
      terminate() {
        up.die();
        toClient(0, () => clientCloses(1006, '', false));
        serverCloses();
      },
      get bufferedBytes() {
        return down.heldBytes;
      },
    },
    handshake: (then) => toServer(0, then),
    accept() {
      toClient(0, () => {
        if (clientState !== 'connecting') return;
        clientState = 'open';
        client.opened();
      });
    },
    bind(end) {
      server = end;
      // It may have ended while the token was judged.
      if (serverState === 'closed') end.transportClosed();
    },
  };
};

/** A WebSocket class whose sockets belong to one page and dial through `dial`. */
export const createWebSocketClass = (
  dial: (client: ClientEnd, url: string) => Link['client'],
): (new (
  url: string,
) => WebSocketLike) =>
  class implements WebSocketLike {
    binaryType = 'blob';
    readyState = 0;
    onopen: WebSocketLike['onopen'] = null;
    onmessage: WebSocketLike['onmessage'] = null;
    onerror: WebSocketLike['onerror'] = null;
    onclose: WebSocketLike['onclose'] = null;
    readonly #link: Link['client'];

    constructor(url: string) {
      this.#link = dial(
        {
          opened: () => {
            this.readyState = 1;
            (this.onopen as (() => void) | null)?.();
          },
          received: (data) => this.onmessage?.({ data }),
          closed: (code, reason, wasClean) => {
            this.readyState = 3;
            this.onclose?.({ code, reason, wasClean });
          },
        },
        url,
      );
    }
    get bufferedAmount(): number {
      return this.#link.bufferedAmount;
    }
    send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
      if (this.readyState === 0) throw new Error('InvalidStateError');
      if (this.readyState === 1) this.#link.send(String(data));
    }
    close(): void {
      if (this.readyState >= 2) return;
      this.readyState = 2;
      this.#link.close();
    }
  };
