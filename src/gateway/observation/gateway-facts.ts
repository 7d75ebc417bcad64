import { CloseCode } from '../../protocol/close-codes.ts';
import type { ErrorCode } from '../../protocol/errors.ts';

/** Why a connection was refused. The names in camelCase are the limits that it met. */
export const DIAL_REFUSALS = [
  'bad-handshake',
  'closing',
  'maxSockets',
  'maxSocketsPerAddress',
  'maxSocketsPerUser',
  'maxPendingHandshakes',
  'maxPendingHandshakesPerAddress',
  'unauthenticated',
  'origin',
  'unjudged',
] as const;

/** Why a connection was refused. */
export type DialRefusal = (typeof DIAL_REFUSALS)[number];

/** What became of a command. */
export const COMMAND_OUTCOMES = [
  'done',
  'rejected',
  'repeated',
  'skipped',
  'failed',
  'overdue',
  'abandoned',
] as const;

/** What became of a command. */
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

/** The calls to an engine that are told apart. */
export const ENGINE_CALLS = [
  'append',
  'appendMany',
  'readAfter',
  'last',
  'decide',
  'decideMany',
  'recall',
  'fanned',
  'resumeCommands',
  'unfanned',
] as const;

/** The codes of `onError`, of the gateway and of what it does with frames; what else there might be is `other`. */
const ERROR_LABELS: readonly string[] = [
  'command-failed',
  'engine-failed',
  'command-reused',
  'authenticate-failed',
  'upgrade-refused',
  'presence-failed',
  'observer-failed',
  'socket-error',
  'malformed-frame',
  'message-not-serialisable',
  'other',
] satisfies readonly (ErrorCode | 'other')[];

const CLOSE_LABELS = ['peer', 'lost', ...Object.values(CloseCode).map(String), 'other'];

/** What is known of a fact before it happens. */
export interface FactDefinition {
  /** `count`: how many. `duration`: how long, in ms. */
  readonly kind: 'count' | 'duration';
  /** What its label says, and all that it may say: a label never has a value that a stranger chose. Null: it has none. */
  readonly label: { readonly name: string; readonly values: readonly string[] } | null;
  readonly help: string;
}

const fact = (
  kind: FactDefinition['kind'],
  help: string,
  name?: string,
  values: readonly string[] = [],
): FactDefinition => ({ kind, help, label: name === undefined ? null : { name, values } });

/** Everything that a gateway tells its observers, by name. The set is closed; docs/operations.md says what each is for. */
export const GATEWAY_FACTS = {
  'dial.accepted': fact('count', 'Connections that were let in.'),
  'dial.refused': fact('count', 'Connections that were refused.', 'reason', DIAL_REFUSALS),
  'socket.closed': fact(
    'count',
    'Sockets that ended: by a code of the gateway, by the peer, or lost.',
    'by',
    CLOSE_LABELS,
  ),
  'message.received': fact('count', 'Frames that clients sent.', 'kind', ['text', 'binary']),
  'message.sent': fact('count', 'Messages and frames that were handed to sockets.', 'kind', [
    'durable',
    'live',
    'receipt',
    'heartbeat',
    'greeting',
  ]),
  'message.dropped': fact('count', 'Live frames that a slow socket went without.'),
  'command.ended': fact('duration', 'From the arrival of a command to its end.', 'outcome', COMMAND_OUTCOMES),
  'log.resumed': fact('count', 'RESUMEs of the delivery extension.', 'kind', [
    'continued',
    'discontinued',
    'first',
  ]),
  'delivery.lag': fact(
    'duration',
    'From an append, or a doorbell of another process, to the first socket of its user.',
  ),
  'engine.call': fact('duration', 'Calls to the engine.', 'call', ENGINE_CALLS),
  'engine.error': fact('count', 'Calls to the engine that failed.', 'call', ENGINE_CALLS),
  'error.reported': fact('count', 'Errors that were handed to onError.', 'code', ERROR_LABELS),
} as const satisfies Record<string, FactDefinition>;

/** The name of a fact. */
export type GatewayFact = keyof typeof GATEWAY_FACTS;

/** The label of an error that is reported. */
export const errorLabel = (code: ErrorCode): string => (ERROR_LABELS.includes(code) ? code : 'other');

/** The label of a close that the gateway sent: one of the table, or `other` for a code of the app's. */
export const closeLabel = (code: number): string => {
  const label = String(code);
  return CLOSE_LABELS.includes(label) ? label : 'other';
};
