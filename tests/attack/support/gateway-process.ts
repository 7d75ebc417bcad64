import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { GatewayOptions } from '../../../src/gateway/index.ts';
import { handshake, rawPeer } from './raw-peer.ts';

/** How a gateway is, since it was asked last. */
export interface Vitals {
  readonly commandCount: number;
  /** How long its loop was held at the most. */
  readonly longestBlockMs: number;
  /** What it holds after a collection of garbage. */
  readonly heldBytes: number;
  readonly rss: number;
}

export interface GatewayProcess {
  readonly port: number;
  vitals(): Promise<Vitals>;
}

const nextOf = async (child: ChildProcess): Promise<unknown> => (await once(child, 'message'))[0];

/** Starts a gateway as a process of its own, which lets everybody in as who they say they are. */
export const startGatewayProcess = async (options: Partial<GatewayOptions> = {}): Promise<GatewayProcess> => {
  const child = fork(new URL('./served-gateway.mjs', import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--expose-gc', '--no-warnings'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { port } = (await nextOf(child)) as { port: number };
  return {
    port,
    async vitals() {
      child.send('how are you');
      return (await nextOf(child)) as Vitals;
    },
  };
};

/** A socket of a user that is open, and sends bytes as it likes. It reads all that comes. */
export interface Attacker {
  readonly socket: Socket;
  /** The close code, once the gateway has said it; -1 where the connection ended without one. */
  readonly closed: Promise<number>;
  /** Sends the same bytes again and again, as fast as TCP takes them, until it is told to stop or the connection ends. */
  flood(bytes: Buffer): void;
  stop(): void;
}

/** The code of the first close frame that a server sends, which is not masked; the frames before it are skipped. */
const readClose = (socket: Socket): Promise<number> =>
  new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const short = (bytes[1] ?? 0) & 0x7f;
        const header = short === 127 ? 10 : short === 126 ? 4 : 2;
        if (bytes.length < header) return;
        const length =
          short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
        if (bytes.length < header + length) return;
        if (((bytes[0] ?? 0) & 0x0f) === 8) resolve(bytes.readUInt16BE(header));
        bytes = bytes.subarray(header + length);
      }
    };
    socket.on('data', read);
    socket.on('close', () => resolve(-1));
  });

export const openAttacker = async (port: number, userId: string, from?: string): Promise<Attacker> => {
  const { socket, write } = await rawPeer(port, from === undefined ? {} : { from });
  let isFlooding = false;
  const answered = new Promise<Buffer>((resolve) => {
    let heard = Buffer.alloc(0);
    const hear = (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('data', hear);
      resolve(heard.subarray(end + 4));
    };
    socket.on('data', hear);
  });
  await write(handshake(`/connect/${userId}/`));
  const rest = await answered;
  const closed = readClose(socket);
  socket.emit('data', rest);
  return {
    socket,
    closed,
    flood(bytes) {
      isFlooding = true;
      const go = () => {
        while (isFlooding && socket.writable) if (!socket.write(bytes)) return;
      };
      socket.on('drain', go);
      go();
    },
    stop() {
      isFlooding = false;
    },
  };
};
