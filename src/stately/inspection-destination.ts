import type { WebSocketConstructor } from '../actors/web-socket-like.ts';
import { createConnection } from '../client/create-connection.ts';
import { subscribeToChanges } from '../client/snapshot-changes.ts';
import { createBacklog } from './backlog.ts';
import type { InspectionMessage } from './inspection-message.ts';

/** Where messages of an inspector go. */
export interface InspectionDestination {
  send(message: InspectionMessage): void;
  stop(): void;
}

/** Messages that wait for a receiver at first. */
const MAX_WAITING_COUNT = 200;

export interface WebSocketDestinationOptions {
  readonly url: string;
  readonly WebSocket: WebSocketConstructor | undefined;
  /** Sends the actors and the state they are in: to a receiver that was not there before. */
  readonly introduce: () => void;
  readonly onUnreachable: () => void;
}

/**
 * A receiver of our own, over a connection of our own. That of @statelyai/inspect dials every 5 s for ever, after its
 * `stop()` too.
 */
export const webSocketDestination = ({
  url,
  WebSocket,
  introduce,
  onUnreachable,
}: WebSocketDestinationOptions): InspectionDestination => {
  const receiver = createConnection({
    url,
    ...(WebSocket === undefined ? {} : { WebSocket }),
    ack: false,
    heartbeat: false,
  });
  const waiting = createBacklog<InspectionMessage>(MAX_WAITING_COUNT);
  // What goes wrong on the way shows in the status; what a receiver says is nobody's.
  receiver.onError(() => {});
  subscribeToChanges(receiver, ({ status }, before) => {
    if (status === before.status) return;
    if (status === 'failed') onUnreachable();
    if (status !== 'open') return;
    const waited = waiting.end();
    if (waited === null) introduce();
    else for (const message of waited) receiver.send(message);
  });
  receiver.connect({ userId: 'inspector' });
  return {
    send(message) {
      if (receiver.status === 'open') receiver.send(message);
      else waiting.add(message);
    },
    stop: () => receiver.dispose(),
  };
};

/** Stately's own inspector, in a window of its own: the page at stately.ai draws the chart. */
export const statelyDestination = ({
  createBrowserInspector,
}: Pick<typeof import('@statelyai/inspect'), 'createBrowserInspector'>): InspectionDestination => {
  if (typeof window === 'undefined') throw new Error('There is no window to open one from.');
  // What comes is JSON already; its own serialisation would cut objects of more than ten members.
  const { adapter } = createBrowserInspector({ serialize: (message) => message });
  if (adapter.targetWindow === null) throw new Error('The browser blocked the window of the inspector.');
  return {
    // A copy by way of JSON, as ours has not the type of theirs, which holds XState's own snapshots.
    send: (message) => adapter.send(JSON.parse(JSON.stringify(message))),
    stop: () => adapter.stop(),
  };
};
