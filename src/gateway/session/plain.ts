import { CloseCode } from '../../protocol/close-codes.ts';
import { createLogReader, type LogReader } from '../log/log-reader.ts';
import type { Inbound } from '../wire/inbound.ts';
import { durableText, HEARTBEAT_TEXT, presenceChangeText } from '../wire/outgoing-text.ts';
import type { Dialect, DialectSession } from './dialect.ts';
import { createResumableDialect } from './resumable.ts';

/** How large the frames of waiting commands may be together, of a client that keeps to no window. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Plain mode: the client follows the log from where that was when the socket opened. A RESUME that comes late still turns it
 * into a client of the extension.
 */
class PlainDialect implements Dialect {
  readonly pacesCommands = false;
  readonly maxWaitingBytes = MAX_WAITING_BYTES;
  private readonly session: DialectSession;
  private readonly log: LogReader;

  constructor(session: DialectSession) {
    const { host, options } = session;
    this.session = session;
    this.log = createLogReader({
      engine: host.engine,
      userId: options.userId,
      takeTurn: () => host.scheduler.turn(options.userId),
      position: options.position,
      send: (entry) => session.outlet.sendLogged(durableText(entry), 1),
      lost: () => session.close(CloseCode.SlowConsumer, 'too far behind'),
      failed: (cause) => session.logFailed(cause),
    });
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
    if (asksForHeartbeat) this.session.outlet.beat(HEARTBEAT_TEXT);
  }

  ring() {
    this.log.wake();
  }

  beat() {
    this.session.outlet.beat(HEARTBEAT_TEXT);
    // A doorbell may have been lost.
    this.log.wake();
  }

  missed() {
    this.session.close(CloseCode.SlowConsumer, 'too slow');
  }

  end() {
    this.log.stop();
  }
}

export const createPlainDialect = (session: DialectSession): Dialect => new PlainDialect(session);
