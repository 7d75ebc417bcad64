import { createResumableLog, type ResumableLog, type ResumableLogOwner } from '../log/resumable-log.ts';
import type { Inbound } from '../wire/inbound.ts';
import { HEARTBEAT_FRAME, presenceText } from '../wire/outgoing-text.ts';
import type { Dialect, DialectSession } from './dialect.ts';
import { Greeting, type GreetingOwner } from './greeting.ts';

/** Whether a client of the extension may send this. Its commands wait for their turn instead of paying. */
export const paysByControl = (
  session: DialectSession,
  { commands, memberCount }: Inbound,
  freeAckCount: number,
): boolean => session.controlBucket.take(Math.max(1, memberCount) - freeAckCount - commands.length);

/** The delivery extension: the client has sent RESUME. Nothing volatile reaches it before PRESENCE. */
class ResumableDialect implements Dialect, ResumableLogOwner, GreetingOwner {
  private readonly session: DialectSession;
  private readonly log: ResumableLog;
  private readonly greeting: Greeting;

  constructor(session: DialectSession) {
    this.session = session;
    this.greeting = new Greeting(this);
    this.log = createResumableLog(this);
  }

  get pacesCommands() {
    return true;
  }

  get maxWaitingBytes() {
    const { windowCount, maxPayloadBytes } = this.session.host.limits;
    return windowCount * maxPayloadBytes;
  }

  get engine() {
    return this.session.host.engine;
  }

  get clock() {
    return this.session.host.clock;
  }

  get userId() {
    return this.session.options.userId;
  }

  get windowCount() {
    return this.session.host.limits.windowCount;
  }

  takeTurn() {
    return this.session.host.scheduler.turn(this.userId);
  }

  room() {
    return this.session.outlet.room();
  }

  sendHeartbeat(text: string) {
    this.session.outlet.beat(text);
  }

  send(text: string, entryCount: number) {
    return this.session.outlet.sendLogged(text, entryCount);
  }

  greet() {
    return this.greeting.greet();
  }

  showOnline(receive: (online: readonly string[]) => void) {
    return this.session.host.showOnline(this.userId, receive);
  }

  sendPresence(online: readonly string[]) {
    const { outlet } = this.session;
    outlet.tell(presenceText(online));
    outlet.openVolatile();
  }

  resumed(kind: string) {
    this.session.host.observation?.record('log.resumed', 1, kind);
  }

  failed(cause: unknown) {
    this.session.logFailed(cause);
  }

  begin() {
    this.session.outlet.holdVolatile();
    this.session.recover();
  }

  after(): Dialect {
    return this;
  }

  pays(inbound: Inbound, freeAckCount: number) {
    return paysByControl(this.session, inbound, freeAckCount);
  }

  receive({ acks, asksForHeartbeat, resume }: Inbound) {
    for (const id of acks) this.log.acknowledge(id);
    if (asksForHeartbeat) this.session.outlet.beat(HEARTBEAT_FRAME);
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
    session.lookForPartialFanOuts();
    if (!session.outlet.isCrowded) this.greeting.greetIfOwed();
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
