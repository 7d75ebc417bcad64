import type { StatesocketError } from '../protocol/errors.ts';
import { mistake } from '../protocol/mistake.ts';

/** After so many sockets in a row that heard nothing after a ping, it is the ping. */
const SOCKETS_TO_REPORT = 2;

/** Whether the server replies to `heartbeat.ping` at all, over all sockets of a connection. */
export interface PingRecord {
  /** A socket is open. */
  begins(): void;
  /** Something came after a ping. */
  heard(): void;
  /** The socket was given up, since nothing came after a ping. */
  gaveUp(): void;
}

const IGNORED =
  'Two sockets in a row were given up because nothing came after heartbeat.ping: this server does not reply to such a frame.';

/** Reports, once, a server that has not replied to any ping on two sockets in a row: it would be dialled for ever. */
export const createPingRecord = (report: (error: StatesocketError) => void): PingRecord => {
  /** How many sockets in a row heard nothing; or that this one has heard a reply. */
  let deaf: number | 'replied' = 0;
  return {
    begins() {
      if (deaf === 'replied') deaf = 0;
    },
    heard() {
      deaf = 'replied';
    },
    gaveUp() {
      if (deaf === 'replied') return;
      deaf += 1;
      if (deaf === SOCKETS_TO_REPORT) report(mistake(['ping-unanswered'], 'ping-unanswered', IGNORED));
    },
  };
};
