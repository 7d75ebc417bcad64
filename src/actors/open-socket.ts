import type { SocketEvent } from '../../machines/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { StatesocketError } from '../protocol/errors.ts';
import { terminate } from './abandoned-socket.ts';
import { createClosingWatch } from './closing-watch.ts';
import type { HeartbeatHabit } from './heartbeat-habit.ts';
import type { PingRecord } from './ping-record.ts';
import { createQuietTime } from './quiet-time.ts';
import { createServerWatch, type HeartbeatPolicy, type ServerWatch } from './server-watch.ts';
import { lengthOfFrame, type Traffic } from './traffic.ts';
import type { Transport } from './transport.ts';
import type { WebSocketLike } from './web-socket-like.ts';

export interface OpenSocketOptions {
  readonly socket: WebSocketLike;
  readonly clock: Clock;
  readonly heartbeat: HeartbeatPolicy | null;
  readonly habit: HeartbeatHabit;
  readonly pings: PingRecord;
  readonly traffic: Traffic | undefined;
  readonly tell: (event: SocketEvent) => void;
  readonly report: (error: StatesocketError) => void;
  /** Takes each frame that comes. */
  readonly onFrame: (data: unknown) => void;
}

/** What there is of a socket while it is open. */
export interface OpenSocket {
  readonly server: ServerWatch;
  /** Reading it is a reason to look at a socket that would take no frame. */
  readonly writable: boolean;
  readonly send: Transport['send'];
  /** How long nothing has passed, in ms. Null: it was not timed. */
  quietMs(): number | null;
  /** Ends every timer. The socket is left as it is. */
  end(): void;
}

/** A socket whose handshake is done: frames pass, the server is watched, and so is a close that has begun. */
export const createOpenSocket = (options: OpenSocketOptions): OpenSocket => {
  const { socket, clock, traffic, tell, onFrame } = options;
  const quiet = createQuietTime(clock);
  const send: Transport['send'] = (data) => {
    socket.send(data);
    quiet.passed();
    if (traffic === undefined) return;
    traffic.framesOut += 1;
    traffic.lengthOut += lengthOfFrame(data);
  };
  const server = createServerWatch({ ...options, send });
  const closing = createClosingWatch({
    socket,
    clock,
    onLook: quiet.looked,
    force: () => terminate(socket),
    onStuck: () => tell({ type: 'socket.stuck' }),
  });
  socket.onmessage = ({ data }) => {
    quiet.passed();
    server.heard();
    if (traffic !== undefined) {
      traffic.framesIn += 1;
      traffic.lengthIn += lengthOfFrame(data);
    }
    onFrame(data);
  };
  return {
    server,
    get writable() {
      if (socket.readyState === 1) return true;
      closing.look();
      return false;
    },
    send,
    quietMs: quiet.ms,
    end() {
      server.stop();
      closing.stop();
    },
  };
};
