import { StatesocketError } from '../../protocol/errors.ts';
import { type CommandName, SKIPPED } from '../../protocol/extension.ts';
import type { Decided, Decision } from '../engine/decisions.ts';
import { type CommandTrace, inStep } from '../observation/command-traces.ts';
import type { CommandOutcome } from '../observation/gateway-facts.ts';
import { receiptText } from '../wire/outgoing-text.ts';
import type { Command, HandleCommand, QueuedCommand } from './command.ts';
import { collectEffects, type Effects, type LiveChannels } from './effects.ts';
import { fanOut } from './fan-out.ts';
import { type CommandSource, engineCall, finishDecision, finishFanOuts } from './partial-fan-outs.ts';

/** How many clients (pages) one socket may speak for: its own and dead ones that it adopted. */
export const MAX_CLIENTS_COUNT = 256;

/** What one socket knows of one client. */
interface Client {
  /** The highest number that is known to be decided; all below it are told. It never falls, unless the engine has lost its tail. */
  decided: number;
  /** The rejections, or null, of the last commands: as many as may be in flight. */
  readonly outcomes: ({ readonly n: number; readonly code: string } | null)[];
}

/** Carries out the commands of one socket. */
export interface CommandRunner {
  /**
   * Carries out one command, or `RECOVERY`, when the one before it is done.
   *
   * @param isOverdue Whether the run has failed meanwhile because it took too long: then nothing comes of it.
   * @param trace Follows it; null: nobody does.
   * @returns What became of it.
   * @throws {StatesocketError} `command-failed`, `engine-failed` or `command-reused`. Nothing further may be run then.
   */
  run(queued: QueuedCommand, isOverdue: () => boolean, trace: CommandTrace | null): Promise<CommandOutcome>;
  /** Whether it has met no client, so that another one would know as much. */
  readonly isBlank: boolean;
}

const lost = () => new StatesocketError('engine-failed', 'The engine has lost what this socket had decided.');

interface CommandRunnerOptions extends CommandSource {
  readonly windowCount: number;
  readonly connectionId: string;
  readonly handle: HandleCommand;
  readonly channels: LiveChannels;
  /** Sends a frame of the app's to this socket. */
  readonly reply: (text: string) => void;
  /** Sends a RECEIPT to this socket, or a newer one of the same client in its place. */
  readonly receipt: (clientId: string, text: string) => void;
  /** The socket speaks for more clients than it may. */
  readonly tooManyClients: () => void;
  readonly report: (error: StatesocketError) => void;
}

/**
 * The gateway's side of the outbox (docs/protocol.md): a durable command is decided once in its sender's slot, then told to
 * each recipient once, then receipted. After a crash anywhere the client sends it again, and what is missing is done.
 */
export const createCommandRunner = (options: CommandRunnerOptions): CommandRunner => {
  const { engine, userId, connectionId, windowCount, handle, channels, lane, reply, report } = options;
  const clients = new Map<string, Client>();

  /** Asks the app. Null: it took too long. */
  const ask = async (
    command: Command,
    key: string | null,
    isOverdue: () => boolean,
    trace: CommandTrace | null,
  ): Promise<Effects | null> => {
    const effects = collectEffects({ userId, connectionId, key, channels, reply, report });
    try {
      await inStep(trace, 'handle', () => handle(command, effects.context));
    } catch (cause) {
      throw new StatesocketError('command-failed', 'A command failed.', { cause });
    } finally {
      effects.end();
    }
    return isOverdue() ? null : effects;
  };

  const begin = async (clientId: string, n: number): Promise<Client> => {
    const { decided, unfanned } = await engineCall(() => engine.resumeCommands(userId, clientId, n));
    // A crash left it partially fanned out, or another socket is at it.
    for (const decision of unfanned)
      if ((await finishDecision(options, clientId, decision)) < decided) throw lost();
    const client: Client = { decided, outcomes: [] };
    clients.set(clientId, client);
    return client;
  };

  /**
   * Decides a number that this socket does not know to be decided. Another socket may speak for the same client, as a page
   * does that is gone: what it decided meanwhile is told first, since a recipient's mark takes no lower number afterwards.
   */
  const decide = async (clientId: string, decision: Decision, client: Client): Promise<Decided> => {
    for (;;) {
      const answer = await engineCall(() => engine.decide(userId, clientId, decision, client.decided));
      // Also where it is no number: an engine that returns nonsense is not asked for ever.
      if (answer.decided === decision.n || !(answer.decided > client.decided)) return answer;
      await finishFanOuts(options, clientId);
      client.decided = answer.decided;
    }
  };

  /** Decides the command or, where that was done before, recalls what was decided. Null: it took too long. */
  const settle = async (
    { clientId, n, key }: CommandName,
    command: Command | null,
    client: Client,
    isOverdue: () => boolean,
    trace: CommandTrace | null,
  ): Promise<{ answer: Decided; effects: Effects | null } | null> => {
    if (n <= client.decided)
      return { answer: await engineCall(() => engine.recall(userId, clientId, n)), effects: null };
    const effects = command === null ? null : await ask(command, key, isOverdue, trace);
    if (command !== null && effects === null) return null;
    const rejected = effects === null ? SKIPPED : effects.rejected;
    const verdict = rejected === null ? 'done' : { rejected };
    const decision = { n, key, verdict, publications: effects?.publications ?? [] } as const;
    return { answer: await inStep(trace, 'decide', () => decide(clientId, decision, client)), effects };
  };

  const runNumbered = async (
    name: CommandName,
    command: Command | null,
    isOverdue: () => boolean,
    trace: CommandTrace | null,
  ): Promise<CommandOutcome> => {
    const { clientId, n, key } = name;
    if (!clients.has(clientId) && clients.size >= MAX_CLIENTS_COUNT) {
      options.tooManyClients();
      return 'failed';
    }
    const client = clients.get(clientId) ?? (await begin(clientId, n));
    const isNew = n > client.decided;
    const settled = await settle(name, command, client, isOverdue, trace);
    if (settled === null) return 'overdue';
    const { decided, stored } = settled.answer;
    if (decided < client.decided || decided < n) throw lost();
    client.decided = Math.max(client.decided, n);
    if (stored !== null && stored.key !== key)
      throw new StatesocketError('command-reused', 'A command number was used again with another key.');
    if (stored !== null && !stored.fanned) {
      const finish = () => finishDecision(options, clientId, stored);
      if ((await inStep(trace, 'fan-out', finish)) < decided) throw lost();
    }
    await settled.effects?.carryOutLive();
    // Without a record it is older than any that may still be asked for: it took effect, or its rejection was received.
    const verdict = stored?.verdict ?? 'done';
    client.outcomes.push(verdict === 'done' ? null : { n, code: verdict.rejected });
    if (client.outcomes.length > windowCount) client.outcomes.shift();
    const rejected = client.outcomes.filter((outcome) => outcome !== null);
    options.receipt(clientId, receiptText({ clientId, n, rejected }));
    if (!isNew) return 'repeated';
    if (command === null) return 'skipped';
    return verdict === 'done' ? 'done' : 'rejected';
  };

  return {
    get isBlank() {
      return clients.size === 0;
    },
    async run({ name, command }, isOverdue, trace) {
      if (name !== null) return runNumbered(name, command, isOverdue, trace);
      if (command === null) {
        await finishFanOuts(options);
        return 'done';
      }
      const effects = await ask(command, null, isOverdue, trace);
      if (effects === null) return 'overdue';
      await inStep(trace, 'fan-out', () => fanOut(engine, lane, effects.publications));
      await effects.carryOutLive();
      return effects.rejected === null ? 'done' : 'rejected';
    },
  };
};
