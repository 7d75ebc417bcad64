import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { WebSocketConstructor } from '../actors/web-socket-like.ts';
import type { Connection } from '../client/connection.ts';
import { createErrorChannel } from '../client/error-channel.ts';
import { StatesocketError } from '../protocol/errors.ts';
import { createBacklog } from './backlog.ts';
import {
  type InspectionDestination,
  statelyDestination,
  webSocketDestination,
} from './inspection-destination.ts';
import { createInspectionRedactor, type InspectionMessage } from './inspection-message.ts';

/** Where an inspection goes. One of `send`, `url` and `stately`; with none, to `console.info`. */
export interface InspectOptions {
  /** Called with each message. @default console.info */
  readonly send?: (message: InspectionMessage) => void;
  /** The `ws:` or `wss:` URL of a receiver; each message is a text frame of JSON. @default none, nothing is dialled */
  readonly url?: string;
  /** Opens Stately's inspector, a page at stately.ai, in a window: call it on a click, or the browser blocks it. @default false */
  readonly stately?: boolean;
  /** For `url`. @default globalThis.WebSocket */
  readonly WebSocket?: WebSocketConstructor;
  /** Told what goes wrong: `inspect-unavailable`, `inspect-failed`. @default console.warn */
  readonly onError?: (error: StatesocketError) => void;
}

/** An inspection that was begun. */
export interface Inspection {
  /** Sends nothing more, and closes the socket to the receiver. The connection goes on. */
  stop(): void;
}

interface Running {
  readonly destination: InspectionDestination;
  readonly convert: (event: InspectionEvent) => void;
}

/** XState's events that wait for @statelyai/inspect. */
const MAX_WAITING_COUNT = 500;

/** The depth of a state of the chart, and of the facts beside it. */
const SNAPSHOT_DEPTH = 6;

const TOLD: ReadonlySet<string> = new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot']);

/** All actors below a chart, parents first. */
const childrenOf = (snapshot: object): readonly AnyActorRef[] => {
  const { children = {} } = snapshot as {
    readonly children?: Readonly<Record<string, AnyActorRef | undefined>>;
  };
  return Object.values(children).flatMap((child) =>
    child === undefined ? [] : [child, ...childrenOf(child.getSnapshot())],
  );
};

const badOption = (what: string): StatesocketError =>
  new StatesocketError('bad-option', `inspectConnection: ${what}`);

const checkOptions = ({ send, url, stately, onError }: InspectOptions): void => {
  if (send !== undefined && typeof send !== 'function') throw badOption('send must be a function.');
  if (url !== undefined && (typeof url !== 'string' || url === ''))
    throw badOption('url must be a string such as "ws://localhost:8080".');
  if (stately !== undefined && typeof stately !== 'boolean') throw badOption('stately must be a boolean.');
  if (onError !== undefined && typeof onError !== 'function') throw badOption('onError must be a function.');
  if (Number(send !== undefined) + Number(url !== undefined) + Number(stately === true) > 1)
    throw badOption('pass one of send, url and stately.');
};

/**
 * Shows the chart of a connection, as it runs, to an inspector: its states, its events and the actors beside it, in the format
 * of `@statelyai/inspect`, which has to be installed and is loaded on this call. For development.
 *
 * It tells transitions and never a message; of these only what the chart's guards look at, in words of the chart. There is no
 * token, URL, user, payload, close reason or text of an error in it. Nothing is dialled and no window opened unless `url` or
 * `stately` asks for it. The connection does not notice: it goes on where the inspector cannot be loaded
 * (`inspect-unavailable`), or a receiver throws (`inspect-failed`). Does not tell what was before the call, but the state
 * that the connection is in.
 *
 * @throws {StatesocketError} `bad-option` when an option has the wrong type, or there are two destinations.
 * @example
 * if (import.meta.env.DEV) inspectButton.onclick = () => inspectConnection(connection, { stately: true });
 * @example
 * const inspection = inspectConnection(connection, { send: (message) => console.log(message.type) });
 * inspection.stop();
 */
export const inspectConnection = (
  { actor }: Pick<Connection, 'actor'>,
  options: InspectOptions = {},
): Inspection => {
  checkOptions(options);
  const errors = createErrorChannel();
  if (options.onError !== undefined) errors.onError(options.onError);
  const redacted = createInspectionRedactor(actor.sessionId);
  const waiting = createBacklog<InspectionEvent>(MAX_WAITING_COUNT);
  const over = new AbortController();
  const { signal } = over;
  /** From when on @statelyai/inspect is there. */
  let running: Running | null = null;

  const first = actor.getSnapshot();
  const subscription = actor.system.inspect((event) => {
    if (TOLD.has(event.type)) (running?.convert ?? waiting.add)(event);
  });
  const stop = (): void => {
    over.abort();
    subscription.unsubscribe();
    running?.destination.stop();
  };
  const unavailable = (message: string, cause?: unknown): void => {
    if (!signal.aborted) errors.report(new StatesocketError('inspect-unavailable', message, { cause }));
    stop();
  };

  const start = async (): Promise<void> => {
    const stately = await import('@statelyai/inspect');
    if (signal.aborted) return;
    const adapter: Parameters<typeof stately.createInspector>[0] = {
      // Here nothing may throw: @statelyai/inspect calls it from a timer, and a throw would end a process of Node.
      send(raw) {
        if (signal.aborted) return;
        try {
          running?.destination.send(redacted(raw));
        } catch (cause) {
          errors.report(
            new StatesocketError('inspect-failed', 'The receiver of an inspection threw. It goes on.', {
              cause,
            }),
          );
        }
      },
    };
    const inspector = stately.createInspector(adapter, { serializationDepthLimit: SNAPSHOT_DEPTH });
    const convert = (event: InspectionEvent): void => inspector.inspect.next?.(event);
    const introduce = (snapshot = actor.getSnapshot()): void => {
      inspector.actor(actor, snapshot);
      for (const child of childrenOf(snapshot))
        convert({ type: '@xstate.actor', actorRef: child, rootId: actor.sessionId });
    };
    const { url, WebSocket, send = (message) => console.info(message) } = options;
    const unreachable = (): void =>
      unavailable('The receiver at the url of an inspection cannot be reached.');
    const destinationOf = (): InspectionDestination => {
      if (url !== undefined)
        return webSocketDestination({ url, WebSocket, introduce, onUnreachable: unreachable });
      return options.stately === true ? statelyDestination(stately) : { send, stop() {} };
    };
    const waited = waiting.end();
    running = { destination: destinationOf(), convert };
    introduce(waited === null ? actor.getSnapshot() : first);
    for (const event of waited ?? []) convert(event);
  };
  start().catch((cause: unknown) =>
    unavailable('The inspector cannot run. Is @statelyai/inspect installed?', cause),
  );
  return { stop };
};
