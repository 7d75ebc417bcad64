import type { AnyStateMachine, StateValue } from 'xstate';
import { TOKEN_REASONS } from '../../machines/connection.context.ts';
import {
  type ConnectionContext,
  connectionMachine,
  deliveryMachine,
  END_CAUSES,
  LINK_FAULTS,
  outboxMachine,
  type SocketRequest,
} from '../../machines/index.ts';
import { LIFE_EVENTS } from '../../machines/xstate-internals.ts';
import { factsOf } from '../recording/connection-recorder.ts';
import { recordedEvent } from '../recording/recorded-event.ts';
import { isQueueName, type RecordedEvent, type RecordedFacts } from '../recording/recording.ts';

/** An event as an inspector gets it: what the chart's guards look at, and nothing of the person who made it. */
export type InspectedEvent = Omit<RecordedEvent, 'chart' | 'isSameUser' | 'said'>;

/** A state as an inspector gets it: of the charts of the connection, of delivery and of each queue; of other actors only `status`. */
export interface InspectedSnapshot {
  readonly status: string;
  readonly value?: StateValue;
  readonly tags?: readonly string[];
  readonly context?: Partial<RecordedFacts>;
}

interface InspectionMessageBase {
  readonly sessionId: string;
  readonly rootId: string;
  /** Ms since 1970, as text. */
  readonly createdAt: string;
  readonly id: null;
  readonly _version: string;
}

/**
 * What an inspector gets, in the format of `@statelyai/inspect`: an actor that is there, an event that was sent to one, or
 * the state that came of it. Plain JSON.
 */
export type InspectionMessage = InspectionMessageBase &
  (
    | {
        readonly type: '@xstate.actor';
        readonly name: string;
        readonly parentId?: string;
        /** The chart, as JSON. */
        readonly definition: string;
        readonly snapshot: InspectedSnapshot;
      }
    | { readonly type: '@xstate.event'; readonly event: InspectedEvent; readonly sourceId?: string }
    | {
        readonly type: '@xstate.snapshot';
        readonly event: InspectedEvent;
        readonly snapshot: InspectedSnapshot;
      }
  );

/** A message of @statelyai/inspect, before anything was taken out of it. */
export interface RawInspectionMessage {
  readonly type: InspectionMessage['type'];
  readonly sessionId: string;
  readonly createdAt: string;
  readonly _version: string;
  readonly name?: string;
  readonly parentId?: string | undefined;
  readonly sourceId?: string | undefined;
  readonly event?: { readonly type: string };
  readonly snapshot?: unknown;
}

const REQUESTS = ['probe'] as const satisfies readonly SocketRequest['type'][];
const ACTOR_WORDS = [...LIFE_EVENTS, 'active', 'done', 'error', 'stopped'] as const;

/** What happens to the charts. */
const EVENTS: readonly string[] = [
  ...connectionMachine.events,
  ...deliveryMachine.events,
  ...outboxMachine.events,
];

/** Words that are said of the charts and do not stand in them. */
const SAID = [...END_CAUSES, ...LINK_FAULTS, ...TOKEN_REASONS, ...REQUESTS, ...ACTOR_WORDS];

const REDACTED = '[redacted]';

/** Every name and text in a definition. */
const wordsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...wordsIn(member)]);
};

const definitionOf = ({ config }: AnyStateMachine): string =>
  JSON.stringify(config, (_, value) => (typeof value === 'function' ? { type: value.name } : value));

const vocabularyOf = () => {
  const definitions = {
    connection: definitionOf(connectionMachine),
    delivery: definitionOf(deliveryMachine),
    outbox: definitionOf(outboxMachine),
  };
  const words: string[] = [...EVENTS, ...SAID];
  for (const definition of Object.values(definitions)) words.push(...wordsIn(JSON.parse(definition)));
  return { definitions, words: new Set(words) };
};

/** Makes what may leave the page of the messages about one chart. */
export type InspectionRedactor = (raw: RawInspectionMessage) => InspectionMessage;

/**
 * Nothing is taken out of a message: a new one is made of what may be told. Each of its members is named here, and each text
 * in it is a word of the chart; any other reads `[redacted]`. So a member that is added to the chart, to XState or to
 * @statelyai/inspect is not told until somebody names it here.
 */
export const createInspectionRedactor = (rootId: string): InspectionRedactor => {
  const { definitions, words } = vocabularyOf();
  const inWords = <T>(value: T): T => {
    if (typeof value === 'string') return (words.has(value) ? value : REDACTED) as T;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(inWords) as T;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inWords(member)])) as T;
  };

  const eventOf = (event: { readonly type: string } | undefined): InspectedEvent => {
    const type = event?.type ?? '';
    const known =
      event && recordedEvent('connection', event, { events: EVENTS, userId: null, said: undefined });
    if (known === null || known === undefined) return { type };
    const { chart: _chart, isSameUser: _isSameUser, ...told } = known;
    return told;
  };

  const snapshotOf = (raw: unknown, isChart: boolean): InspectedSnapshot => {
    const { status, value, tags, context } = raw as {
      status: string;
      value: StateValue;
      tags: Iterable<string>;
      context: ConnectionContext & Pick<RecordedFacts, 'supportsDelivery'>;
    };
    if (isChart) return { status, value, tags: [...tags], context: factsOf(context) };
    // Of the actors beside the chart only delivery and the queues are charts too.
    if (value === undefined) return { status };
    if ('queue' in context) return { status, value, tags: [] };
    return {
      status,
      value,
      tags: [...tags],
      context: { supportsDelivery: context.supportsDelivery === true },
    };
  };

  return (raw) => {
    const { type, sessionId, createdAt, _version, parentId, sourceId } = raw;
    const base = { sessionId, rootId, createdAt, id: null, _version };
    const isChart = sessionId === rootId;
    switch (type) {
      case '@xstate.actor': {
        const { name: id = '' } = raw;
        const name = isChart ? connectionMachine.id : isQueueName(id) ? id : inWords(id);
        const snapshot = snapshotOf(raw.snapshot, isChart);
        const kind = isChart ? 'connection' : isQueueName(id) ? 'outbox' : 'delivery';
        return {
          ...base,
          type,
          name,
          ...(parentId === undefined ? {} : { parentId }),
          definition: snapshot.value === undefined ? JSON.stringify({ id: name }) : definitions[kind],
          snapshot: inWords(snapshot),
        };
      }
      case '@xstate.event':
        return {
          ...base,
          type,
          event: inWords(eventOf(raw.event)),
          ...(sourceId === undefined ? {} : { sourceId }),
        };
      case '@xstate.snapshot':
        return {
          ...base,
          type,
          event: inWords(eventOf(raw.event)),
          snapshot: inWords(snapshotOf(raw.snapshot, isChart)),
        };
    }
  };
};
