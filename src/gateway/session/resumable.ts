import { RECOVERY } from '../commands/command.ts';
import { createResumableLog, type ResumableLog } from '../log/resumable-log.ts';
import type { Inbound } from '../wire/inbound.ts';
import { HEARTBEAT_TEXT, presenceText } from '../wire/outgoing-text.ts';
import type { Dialect, DialectSession } from './dialect.ts';
import { createGreeting, type Greeting } from './greeting.ts';

/** Whether a client of the extension may send this. Its commands wait for their turn instead of paying. */
export const paysByControl = (
  session: DialectSession,
  { commands, memberCount }: Inbound,
  freeAckCount: number,
): boolean => session.controlBucket.take(Math.max(1, memberCount) - freeAckCount - commands.length);

/** The delivery extension: the client has sent RESUME. Nothing volatile reaches it before PRESENCE. */
class ResumableDialect implements Dialect {
  readonly pacesCommands = true;
  private readonly session: DialectSession;
  private readonly log: ResumableLog;
  private readonly greeting: Greeting;

  constructor(session: DialectSession) {
    const { host, options, outlet } = session;
    const { userId } = options;
    this.session = session;
    this.greeting = createGreeting({
      clock: host.clock,
      show: (receive) => host.showOnline(userId, receive),
      send(online) {
        outlet.tell(presenceText(online));
        outlet.openVolatile();
      },
    });
    this.log = createResumableLog({
      engine: host.engine,
      userId,
      takeTurn: () => host.scheduler.turn(userId),
      windowCount: host.limits.windowCount,
      room: () => outlet.room(),
      send: (text, entryCount) => outlet.sendLogged(text, entryCount),
      sendHeartbeat: (text) => outlet.beat(text),
      greet: () => this.greeting.greet(),
      failed: (cause) => session.logFailed(cause),
    });
  }

  get maxWaitingBytes() {
    const { windowCount, maxPayloadBytes } = this.session.host.limits;
    return windowCount * maxPayloadBytes;
  }

  begin() {
    this.session.outlet.holdVolatile();
    this.session.commands.push([RECOVERY], 0, this.maxWaitingBytes);
  }

  after(): Dialect {
    return this;
  }

  pays(inbound: Inbound, freeAckCount: number) {
    return paysByControl(this.session, inbound, freeAckCount);
  }

  receive({ acks, asksForHeartbeat, resume }: Inbound) {
    for (const id of acks) this.log.acknowledge(id);
    if (asksForHeartbeat) this.session.outlet.beat(HEARTBEAT_TEXT);
    if (resume !== null) this.log.resume(resume.after);
  }

  ring() {
    this.log.wake();
  }

  beat() {
    const { session } = this;
    // A doorbell may have been lost: each beat reads the log.
    this.log.beat();
    if (session.isOver) return;
    // A page of this user's may have died elsewhere in the midst of a command.
    session.commands.lookForHalfTold();
    if (!session.outlet.isCrowded) this.greeting.mend();
  }

  missed() {
    this.greeting.missed();
  }

  end() {
    this.log.stop();
    this.greeting.stop();
  }
}

export const createResumableDialect = (session: DialectSession): Dialect => new ResumableDialect(session);
