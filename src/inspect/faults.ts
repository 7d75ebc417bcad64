import type { ConnectionEvent } from '../../machines/index.ts';
import { CloseCode } from '../protocol/close-codes.ts';

/** Something that happens to a connection, and can be made to happen by hand. */
export interface Fault {
  readonly name: string;
  /** What it stands for, for a person who points at its button. */
  readonly about: string;
  /** What the chart is told, in this order. */
  readonly events: readonly ConnectionEvent[];
}

/** A close, as the socket actor tells the chart of one. */
export const closeWith = (code: number, wasClean: boolean): ConnectionEvent => ({
  type: 'socket.closed',
  code,
  reason: '',
  wasClean,
});

export const CLOSE_CLEAN: Fault = {
  name: 'Close clean',
  about: 'The server closes with 1000.',
  events: [closeWith(CloseCode.Normal, true)],
};

export const CLOSE_ABNORMAL: Fault = {
  name: 'Close 1006',
  about: 'The connection is cut: no close frame comes.',
  events: [closeWith(CloseCode.Abnormal, false)],
};

export const CLOSE_UNAUTHENTICATED: Fault = {
  name: 'Close 4401',
  about: 'The server refuses the token.',
  events: [closeWith(CloseCode.Unauthenticated, true)],
};

export const STALL: Fault = {
  name: 'Stall',
  about:
    'The server says nothing for too long, and does not reply when it is asked. Works where silence is watched.',
  events: [{ type: 'frame.silent' }, { type: 'probe.unanswered' }],
};

export const OFFLINE: Fault = {
  name: 'Offline',
  about: 'The platform says that the network is gone.',
  events: [{ type: 'network.lost' }],
};

export const ONLINE: Fault = {
  name: 'Online',
  about: 'The platform says that the network is back.',
  events: [{ type: 'network.restored' }],
};

export const FREEZE: Fault = {
  name: 'Freeze',
  about: 'The page is frozen, or goes into the back/forward cache.',
  events: [{ type: 'page.suspended' }],
};

export const RESUME: Fault = {
  name: 'Resume',
  about: 'The page is thawed.',
  events: [{ type: 'page.resumed' }],
};

export const SHOW: Fault = {
  name: 'Show page',
  about: 'The person comes back to the tab.',
  events: [{ type: 'page.shown' }],
};
