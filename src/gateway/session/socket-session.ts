import { CloseCode } from '../../protocol/close-codes.ts';
import { StatesocketError } from '../../protocol/errors.ts';
import { RECOVERY } from '../commands/command.ts';
import { lookForPartialFanOuts } from '../commands/partial-fan-outs.ts';
import { Patience } from '../engine/patience.ts';
import { closeLabel } from '../observation/gateway-facts.ts';
import { sendFarewell } from '../wire/farewell.ts';
import { type Inbound, inboundOfBinary, readInbound } from '../wire/inbound.ts';
import type { SharedFrame } from '../wire/shared-frame.ts';
import type { Beating, BeatSlot } from './beat-wheel.ts';
import { type Dialect, type DialectSession, MAX_CONTROL_FRAMES_PER_SECOND } from './dialect.ts';
import { listen } from './listening.ts';
import { createNegotiatingDialect } from './negotiating.ts';
import { Outlet } from './outlet.ts';
import { Pulse } from './pulse.ts';
import type { Reader, Session } from './session.ts';
import { createSessionCommands, type SessionCommands } from './session-commands.ts';
import type { SessionHost, SessionOptions } from './session-host.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';
import { TokenCheck } from './token-check.ts';

/**
 * The life of a session: it serves; while it drains it takes nothing more from its client and finishes what runs; over, it
 * does nothing. What the client speaks is its dialect. Everything to the socket goes through its outlet.
 */
class SocketSession implements Session, DialectSession, Beating {
  readonly host: SessionHost;
  readonly options: SessionOptions;
  readonly outlet: Outlet;
  private life: 'serving' | 'draining' | 'over' = 'serving';
  private dialect: Dialect;
  /** Its place in the wheel of heartbeats. */
  private slot: BeatSlot | null = null;
  private readonly pulse = new Pulse();
  private reader: Reader | null = null;
  private readonly tokenCheck = new TokenCheck();
  /** For the look at what is partially fanned out. Made at the first. */
  private patience: Patience | null = null;
  private stopListening: (() => void) | null = null;
  private madeCommands: SessionCommands | null = null;
  private madeCommandBucket: TokenBucket | null = null;
  private madeControlBucket: TokenBucket | null = null;

  constructor(host: SessionHost, options: SessionOptions) {
    this.host = host;
    this.options = options;
    this.outlet = new Outlet({
      transport: options.transport,
      clock: host.clock,
      maxBufferedBytes: host.limits.maxBufferedBytes,
      owner: this,
    });
    this.dialect = createNegotiatingDialect(this);
  }

  get userId() {
    return this.options.userId;
  }

  get isOver() {
    return this.life === 'over';
  }

  get observation() {
    return this.host.observation;
  }

  get waitingCommandCount() {
    return this.madeCommands?.waitingCount ?? 0;
  }

  get commandBucket() {
    const { clock, limits } = this.host;
    this.madeCommandBucket ??= createTokenBucket(limits.maxCommandsPerSecond, clock);
    return this.madeCommandBucket;
  }

  get controlBucket() {
    this.madeControlBucket ??= createTokenBucket(MAX_CONTROL_FRAMES_PER_SECOND, this.host.clock);
    return this.madeControlBucket;
  }

  get commands() {
    this.madeCommands ??= createSessionCommands({
      host: this.host,
      userId: this.userId,
      connectionId: String(this.options.number),
      outlet: this.outlet,
      bucket: this.commandBucket,
      isPaced: () => this.dialect.pacesCommands,
      tooManyClients: () => this.tooMany(),
      failed: (error) => this.commandFailed(error),
      kept: (bytes) => this.reader?.kept(bytes),
    });
    return this.madeCommands;
  }

  missed() {
    this.dialect.missed();
  }

  takeTurn() {
    return this.host.scheduler.turn(this.userId);
  }

  recover() {
    this.commands.push([RECOVERY], 0, this.dialect.maxWaitingBytes);
    // Most sockets never command anything: they need not keep what does it.
    void this.commands.settled().then(() => {
      if (this.madeCommands?.isBlank) this.madeCommands = null;
    });
  }

  lookForPartialFanOuts() {
    this.patience ??= new Patience();
    const overdue = this.patience.beat();
    if (overdue !== null) this.logFailed(overdue);
    if (this.patience.isAsking || this.isOver) return;
    const { engine, laneOf, report } = this.host;
    const { userId } = this;
    void this.patience.ask(lookForPartialFanOuts({ engine, userId, lane: laneOf(userId) }, report));
  }

  start() {
    if (this.isOver) return;
    this.slot = this.host.beats.add(this);
    this.stopListening = listen(
      this.host.engine,
      this.userId,
      () => this.dialect.ring(),
      (cause) => this.host.report(new StatesocketError('engine-failed', 'A doorbell failed.', { cause })),
    );
    this.dialect.begin();
  }

  speak(dialect: Dialect) {
    this.dialect.end();
    this.dialect = dialect;
    dialect.begin();
  }

  readBy(reader: Reader) {
    this.reader = reader;
  }

  receiveText(text: string) {
    if (this.life !== 'serving') return;
    this.pulse.heard();
    this.host.observation?.record('message.received', 1, 'text');
    const inbound = readInbound(text);
    if (inbound instanceof StatesocketError) this.fail(inbound, CloseCode.BadProtocol, 'bad frame');
    else this.receive(inbound, text.length);
  }

  receiveBinary(data: ArrayBuffer) {
    if (this.life !== 'serving') return;
    this.pulse.heard();
    this.host.observation?.record('message.received', 1, 'binary');
    this.receive(inboundOfBinary(data), data.byteLength);
  }

  receivePong() {
    this.pulse.heard();
  }

  get silentSince() {
    const now = this.host.clock.now();
    return this.pulse.silentSince(now, this.readUntil(now));
  }

  probe(answered: () => void) {
    // A ping would wait behind the frames; whether they leave is judged at each heartbeat.
    if (this.isOver || this.outlet.isSlow) return answered();
    this.pulse.probe(this.options.transport, this.host.clock.now(), answered);
  }

  send(frame: SharedFrame) {
    this.outlet.send(frame);
  }

  beat(now: number, isLate: boolean) {
    const { outlet } = this;
    // A ping would wait behind what the socket has not taken: whether it takes anything is judged instead.
    const { isSlow } = outlet;
    if (outlet.isStalled(now)) return this.close(CloseCode.SlowConsumer, 'too slow');
    if (!isSlow && !isLate && this.isLost(now)) return this.lose();
    if (!isSlow) this.pulse.ping(this.options.transport, now);
    this.dialect.beat();
    if (!this.isOver) void this.checkToken();
  }

  close(code: number, reason: string, minDelayMs?: number) {
    if (this.isOver) return;
    this.refuseCommands();
    this.end(code === CloseCode.SlowConsumer ? 'drop' : 'hand on', closeLabel(code));
    sendFarewell(this.options.transport, code, reason, minDelayMs);
  }

  async drain(code: number, reason: string, minDelayMs?: number) {
    if (this.isOver) return;
    this.refuseCommands();
    await this.settled();
    this.close(code, reason, minDelayMs);
  }

  transportClosed() {
    if (!this.isOver) this.end('drop', 'peer');
  }

  async settled() {
    await this.madeCommands?.settled();
  }

  logFailed(cause: unknown) {
    this.fail(new StatesocketError('engine-failed', 'The log could not be read.', { cause }));
  }

  private receive(inbound: Inbound, bytes: number) {
    const dialect = this.dialect.after(inbound);
    if (dialect !== this.dialect) this.speak(dialect);
    const { outlet } = this;
    // ACKs of what was sent are free; others count.
    const freeAckCount = Math.min(outlet.expectedAckCount, inbound.acks.length);
    outlet.expectedAckCount -= freeAckCount;
    if (!dialect.pays(inbound, freeAckCount)) {
      this.tooMany();
      return;
    }
    dialect.receive(inbound);
    if (this.isOver || inbound.commands.length === 0) return;
    if (!this.commands.push(inbound.commands, bytes, dialect.maxWaitingBytes)) this.tooMany();
  }

  private tooMany() {
    this.close(CloseCode.TooMany, 'too many commands');
  }

  private commandFailed(error: StatesocketError) {
    this.refuseCommands();
    // A socket that has closed in the meantime cannot be told; the error is not lost.
    if (this.isOver) this.host.report(error);
    else if (error.code === 'command-reused') this.fail(error, CloseCode.BadProtocol, 'command reused');
    else this.fail(error);
  }

  private fail(error: StatesocketError, code: number = CloseCode.TryAgainLater, reason = 'try again later') {
    if (this.isOver) return;
    this.host.report(error);
    this.close(code, reason);
  }

  private refuseCommands() {
    if (!this.isOver) this.life = 'draining';
    this.madeCommands?.abandon();
  }

  /** A ping of the last beat is unanswered. */
  private isLost(now: number) {
    const patienceMs = Math.max(this.host.limits.heartbeatMs / 2, this.outlet.patienceMs(now));
    return this.pulse.isLost(this.readUntil(now), patienceMs);
  }

  private readUntil(now: number) {
    return this.reader?.readUntil(now) ?? now;
  }

  /** The peer is gone. */
  private lose() {
    this.refuseCommands();
    this.end('drop', 'lost');
    this.options.transport.terminate();
  }

  /** Asks again whose token the socket has, at each heartbeat, so that a revoked one closes it (I20). */
  private async checkToken() {
    if (this.tokenCheck.isUnderWay)
      return this.fail(new StatesocketError('authenticate-failed', 'authenticate did not resolve in time.'));
    const verdict = await this.tokenCheck.run(this.options);
    if (verdict === 'revoked') this.close(CloseCode.Unauthenticated, 'unauthenticated');
    else if (verdict === 'unknown') this.close(CloseCode.TryAgainLater, 'try again later');
  }

  private end(waiting: 'hand on' | 'drop', by: string) {
    this.life = 'over';
    this.host.observation?.record('socket.closed', 1, by);
    this.outlet.shut(waiting);
    if (this.slot !== null) this.host.beats.remove(this, this.slot);
    this.dialect.end();
    this.madeCommands?.hurry();
    this.stopListening?.();
    this.host.ended(this);
    this.pulse.heard();
  }
}

/** Makes the session of a socket whose token was accepted. */
export const createSession = (host: SessionHost, options: SessionOptions): Session =>
  new SocketSession(host, options);
