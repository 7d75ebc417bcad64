import type { TimerHandle } from '../../lib/clock.ts';
import { NEGOTIATION_MS } from '../../protocol/extension.ts';
import type { Inbound } from '../wire/inbound.ts';
import { HEARTBEAT_FRAME, welcomeText } from '../wire/outgoing-text.ts';
import type { Dialect, DialectSession } from './dialect.ts';
import { createPlainDialect } from './plain.ts';
import { createResumableDialect, paysByControl } from './resumable.ts';

/**
 * It is open what the client speaks, until it sends RESUME (the extension), anything else, or nothing for 2 s (plain mode). It
 * gets WELCOME and heartbeats. Commands of the extension that come before their RESUME are run.
 */
class NegotiatingDialect implements Dialect {
  private readonly session: DialectSession;
  private timer: TimerHandle | null = null;

  constructor(session: DialectSession) {
    this.session = session;
  }

  get pacesCommands() {
    return true;
  }

  get maxWaitingBytes() {
    const { windowCount, maxPayloadBytes } = this.session.host.limits;
    return windowCount * maxPayloadBytes;
  }

  begin() {
    const { session } = this;
    const { clock, limits } = session.host;
    session.outlet.tell(welcomeText(limits.heartbeatMs, limits.windowCount));
    this.timer = clock.setTimeout(() => session.speak(createPlainDialect(session)), NEGOTIATION_MS);
  }

  after({ resume, isOfExtension }: Inbound): Dialect {
    if (resume !== null) return createResumableDialect(this.session);
    return isOfExtension ? this : createPlainDialect(this.session);
  }

  pays(inbound: Inbound, freeAckCount: number) {
    return paysByControl(this.session, inbound, freeAckCount);
  }

  receive({ asksForHeartbeat }: Inbound) {
    if (asksForHeartbeat) this.beat();
  }

  ring() {}

  beat() {
    this.session.outlet.beat(HEARTBEAT_FRAME);
  }

  missed() {}

  end() {
    if (this.timer !== null) this.session.host.clock.clearTimeout(this.timer);
    this.timer = null;
  }
}

export const createNegotiatingDialect = (session: DialectSession): Dialect => new NegotiatingDialect(session);
