import { type HandSocket, handSocketClass } from '../hand-socket.ts';
import { demand } from '../implementation.ts';
import type { Answers } from './answers.ts';
import type { Calls } from './calls.ts';
import type { Command } from './command.ts';
import type { Attempt, ConnectionModel } from './connection-model.ts';
import type { Moment } from './moment.ts';

export type LineFault = Extract<Command, { does: 'line' }>['fault'];

const WINDOW_MS = 60_000;
const DIALS_IN_WINDOW = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const PING = '{"type":"ASK"}';

/** The sockets that the connection makes, and what it does with them. */
export const createLine = (
  model: ConnectionModel,
  moment: Moment,
  calls: Calls,
  answers: Answers,
  now: () => number,
) => {
  const sockets: { readonly socket: HandSocket; readonly attempt: Attempt }[] = [];
  const dialledAt: number[] = [];
  let fault: LineFault = 'none';
  let pingCount = 0;
  let pinged: unknown = null;
  let awaitsAnswerOf: Attempt | null = null;

  const judgeDial = (socket: HandSocket): Attempt => {
    const attempt = answers.attemptAt(socket.url);
    const { id } = attempt;
    demand(!model.isDisposed, 'I10', () => `attempt ${id} makes a socket after dispose`);
    demand(
      attempt === model.attempt || calls.isBusy,
      'I1',
      () => `attempt ${id} makes a socket when it is over`,
    );
    demand(
      now() - attempt.begunAt <= CONNECT_TIMEOUT_MS,
      'I8',
      () => `attempt ${id} makes a socket too late`,
    );
    demand(!sockets.some((other) => other.socket.isLive), 'I1', () => `attempt ${id} makes a second socket`);
    dialledAt.push(now());
    const recentCount = dialledAt.filter((at) => at > now() - WINDOW_MS).length;
    demand(recentCount <= DIALS_IN_WINDOW, 'I8', () => `${recentCount} sockets within 60 s`);
    return attempt;
  };

  const WebSocket = handSocketClass({
    dials(socket) {
      const attempt = moment.guard(() => judgeDial(socket));
      if (attempt === undefined) return;
      moment.counts('a socket is made');
      calls.called('WebSocket');
      if (fault === 'no socket') {
        answers.fails('socket-impossible', { type: 'socket.impossible' }, attempt);
        throw new Error(`no socket: ${socket.url}`);
      }
      sockets.push({ socket, attempt });
    },
    sends(socket, data) {
      const frame = typeof data === 'string' ? JSON.parse(data) : { type: 'bytes' };
      if (frame.type === 'ACK') moment.log.push(`ack ${JSON.stringify(frame.messageId)}`);
      else if (data !== PING) moment.log.push(`the server gets ${frame.type}`);
      if (fault !== 'send throws') {
        model.closes.passes();
        if (data === PING) awaitsAnswerOf = sockets.find((each) => each.socket === socket)?.attempt ?? null;
        return;
      }
      if (data === PING) moment.allows('heartbeat-failed');
      else moment.expects('send-failed');
      throw new Error('hostile');
    },
    closes(socket) {
      if (fault === 'close echoes') socket.closes({ code: 1000, reason: '', wasClean: true });
      if (fault === 'close throws') throw new Error('hostile');
    },
  });

  /** The socket of the attempt that is current, if it has got that far. */
  const current = () => {
    const { attempt } = model;
    return (attempt !== null && sockets.find((each) => each.attempt === attempt)) || null;
  };

  return {
    WebSocket,
    sockets,
    current,
    get fault() {
      return fault;
    },
    /** Whether the server of this attempt was asked, and has not answered. */
    awaitsAnswerOf: (attempt: Attempt): boolean => awaitsAnswerOf === attempt,
    wasAnswered(): void {
      awaitsAnswerOf = null;
    },
    has(next: LineFault): void {
      fault = next;
    },
    /** `heartbeat.ping` of the app. */
    ping(): string {
      moment.guard(() => {
        const { silence } = model;
        demand(
          silence?.isProbing === true && silence.canAsk,
          'liveness',
          () => 'a ping that nothing asks for',
        );
        pingCount = pinged === silence ? pingCount + 1 : 1;
        pinged = silence;
        moment.counts('a ping');
      });
      calls.called('ping');
      return PING;
    },
    /** One live socket, if it is wanted, and none else; and as many pings as the silence asks for. */
    check(): void {
      const wanted = current();
      const live = sockets.filter(({ socket }) => socket.isLive);
      demand(live.length === (wanted === null ? 0 : 1) && live[0] === (wanted ?? undefined), 'I1', () => {
        const ids = live.map(({ attempt }) => attempt.id);
        return `sockets of the attempts [${ids}] live, where that of ${wanted?.attempt.id ?? 'none'} should`;
      });
      const isWaiting = answers.held.some(({ attempt }) => attempt === model.attempt);
      demand(model.attempt === null || wanted !== null || isWaiting || model.isOverdue, 'policy', () => {
        return `attempt ${model.attempt?.id} makes no socket`;
      });
      const { silence } = model;
      if (silence === null) return;
      const { askCount, againCount } = silence;
      const count = pinged === silence ? pingCount : 0;
      demand(
        count >= askCount && count <= askCount + againCount,
        'liveness',
        () => `${count} pings, not ${askCount}`,
      );
    },
  };
};
