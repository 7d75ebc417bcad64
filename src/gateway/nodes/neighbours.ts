import { StatesocketError } from '../../protocol/errors.ts';
import type { LiveChannels } from '../commands/effects.ts';
import type { NodeChannel, NodeListener } from '../engine/doorbell.ts';
import type { Engine } from '../engine/engine.ts';
import { createLocalNodes } from '../engine/local-nodes.ts';
import { guarded } from '../guarded.ts';
import { bytesOf, type NodeSignal, readSignal, signalText } from './node-signals.ts';

/** The other gateways over the same engine, as this one speaks to them. Nothing throws. */
export interface Neighbours extends Pick<NodeChannel, 'place' | 'online'> {
  say(userIds: readonly string[], signal: NodeSignal): void;
  /** The same ways, to the sockets of other nodes as well. */
  toAll(here: LiveChannels): LiveChannels;
  leave(): void;
}

/**
 * Opens the channel of the engine. An engine without one, or whose channel cannot be opened, makes this gateway one that is alone.
 *
 * @param options.heard Another node says this to these users, who have sockets here.
 * @param options.changed These users came online or went offline, and nobody was told.
 */
export const createNeighbours = (options: {
  readonly engine: Engine;
  readonly heard: (userIds: readonly string[], signal: NodeSignal) => void;
  readonly changed: (userIds: readonly string[]) => void;
  readonly report: (error: StatesocketError) => void;
}): Neighbours => {
  const { engine, report } = options;
  const failed = (cause: unknown) =>
    report(new StatesocketError('engine-failed', 'The other gateways could not be reached.', { cause }));
  const listener: NodeListener = {
    hear(userIds, text) {
      const signal = readSignal(text);
      if (signal !== null) guarded(() => options.heard(userIds, signal), failed);
    },
    changed: (userIds) => guarded(() => options.changed(userIds), failed),
  };
  const open = (): NodeChannel => {
    try {
      const channel = engine.openChannel?.(listener);
      if (channel !== undefined) return channel;
    } catch (cause) {
      failed(cause);
    }
    return createLocalNodes().open(listener);
  };
  const channel = open();
  const isAlone = () => channel.isAlone?.() ?? false;
  const say: Neighbours['say'] = (userIds, signal) => {
    // Who is signed out is signed out everywhere, also at a node that has come a moment ago.
    if (signal.says === 'close' || !isAlone())
      guarded(() => channel.say(userIds, signalText(signal)), failed);
  };

  return {
    say,
    place: (userId, socketCount) => channel.place(userId, socketCount),
    online: (userIds) => channel.online(userIds),
    toAll: (here) => ({
      sendText(userIds, text) {
        say(userIds, { says: 'text', text });
        return here.sendText(userIds, text);
      },
      sendBinary(userIds, data) {
        if (!isAlone()) say(userIds, { says: 'binary', data: bytesOf(data).toString('base64') });
        return here.sendBinary(userIds, data);
      },
    }),
    leave: () => guarded(() => channel.close(), failed),
  };
};
