import * as v from 'valibot';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { Ticket } from '../../../../app/contract/http-api.ts';

export type Frame = Record<string, unknown> & { type: string };

/** Longer than anything here takes; a test that waits this long fails. */
const PATIENCE_MS = 15_000;

/** A client that keeps all that comes and acknowledges nothing by itself. */
export interface TestSocket {
  /** Every JSON frame so far, batches taken apart. */
  readonly frames: Frame[];
  readonly binaries: Uint8Array[];
  /** Every byte of every text frame, as it came. */
  readonly texts: string[];
  send(message: object): void;
  sendRaw(data: string | ArrayBuffer): void;
  /** The first frame, also of those that came earlier, that fits. */
  next(type: string, fits?: (frame: Frame) => boolean): Promise<Frame>;
  nextBinary(): Promise<Uint8Array>;
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): Promise<unknown>;
}

/** The ticket that a page fetches before it dials. A token that the server does not know is dialled with itself. */
export const ticketOf = async (url: string, token: string): Promise<string> => {
  const response = await fetch(`${url}/api/ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  if (response.status === 401) return token;
  return v.parse(Ticket, await response.json()).ticket;
};

/** @param options.first The first frame, which says what the client speaks. @default an empty batch: plain mode */
export const openSocket = async (
  url: string,
  token: string,
  headers: Record<string, string> = {},
  { first = [] }: { first?: object } = {},
): Promise<TestSocket> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/connect/${await ticketOf(url, token)}/`, {
    headers,
  });
  const frames: Frame[] = [];
  const binaries: Uint8Array[] = [];
  const texts: string[] = [];
  const wakers = new Set<() => void>();
  socket.on('message', (data, isBinary) => {
    if (isBinary) binaries.push(new Uint8Array(data as Buffer));
    else {
      texts.push(String(data));
      const value: unknown = JSON.parse(String(data));
      frames.push(...((Array.isArray(value) ? value : [value]) as Frame[]));
    }
    for (const wake of wakers) wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const find = <Found>(look: () => Found | undefined, what: string): Promise<Found> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        wakers.delete(check);
      };
      const check = () => {
        const found = look();
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`No ${what} came. Came: ${JSON.stringify(frames)}`));
      }, PATIENCE_MS);
      wakers.add(check);
      check();
    });
  onTestFinished(() => socket.terminate());
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => resolve());
    socket.on('error', reject);
  });
  // The gateway has read it when it answers the ping behind it.
  socket.send(JSON.stringify(first));
  socket.ping();
  await Promise.race([new Promise((resolve) => socket.once('pong', resolve)), closed]);
  return {
    frames,
    binaries,
    texts,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (data) => socket.send(data),
    next: (type, fits = () => true) =>
      find(() => frames.find((frame) => frame.type === type && fits(frame)), type),
    nextBinary: () => find(() => binaries[0], 'binary frame'),
    close: () => {
      socket.close();
      return closed;
    },
  };
};
