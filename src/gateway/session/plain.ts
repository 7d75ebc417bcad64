import { CloseCode } from '../../protocol/close-codes.ts';
import type { Entry } from '../engine/log.ts';
import { createLogReader, type LogReader, type LogReaderOwner } from '../log/log-reader.ts';
import type { Inbound } from '../wire/inbound.ts';
import { durableText, HEARTBEAT_FRAME, presenceChangeText } from '../wire/outgoing-text.ts';
import type { Dialect, DialectSession } from './dialect.ts';
import { createResumableDialect } from './resumable.ts';

/** How large the frames of waiting commands may be together, of a client that keeps to no window. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Plain mode: the client follows the log from where that was when the socket opened. A RESUME that comes late still turns it
 * into a client of the extension.
 */
class PlainDialect implements Dialect, LogReaderOwner {
  private readonly session: DialectSession;
  private readonly log: LogReader;

  constructor(session: DialectSession) {
    this.session = session;
    this.log = createLogReader(this);
  }

  get pacesCommands() {
    return false;
  }

  get maxWaitingBytes() {
    return MAX_WAITING_BYTES;
  }

  get engine() {
    return this.session.host.engine;
  }

  get userId() {
    return this.session.options.userId;
  }

  get position() {
    return this.session.options.position;
  }

  takeTurn() {
    return this.session.host.scheduler.turn(this.userId);
  }

  send(entry: Entry) {
    return this.session.outlet.sendLogged(durableText(entry), 1);
  }

  lost() {
    this.session.close(CloseCode.SlowConsumer, 'too far behind');
  }

  failed(cause: unknown) {
    this.session.logFailed(cause);
  }

  begin() {
    const { host, options, outlet } = this.session;
    this.log.wake();
    outlet.openVolatile();
    void host.showOnline(options.userId, (online) => {
      for (const other of online) outlet.send(presenceChangeText(true, other));
    });
  }

  after({ resume }: Inbound): Dialect {
    return resume === null ? this : createResumableDialect(this.session);
  }

  pays({ memberCount }: Inbound, freeAckCount: number) {
    return this.session.commandBucket.take(Math.max(1, memberCount) - freeAckCount);
  }

  receive({ asksForHeartbeat }: Inbound) {
    if (asksForHeartbeat) this.session.outlet.beat(HEARTBEAT_FRAME);
  }

  ring() {
    this.log.wake();
  }

  beat() {
    this.session.outlet.beat(HEARTBEAT_FRAME);
    this.log.beat();
  }

  missed() {
    this.session.close(CloseCode.SlowConsumer, 'too slow');
  }

  end() {
    this.log.stop();
  }
}

export const createPlainDialect = (session: DialectSession): Dialect => new PlainDialect(session);
