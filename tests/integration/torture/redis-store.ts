import { redisEngine } from '../../../src/gateway/redis/index.ts';
import type { NodeStore, StoreOptions } from './stores.ts';

/** The engine on Redis. What the app has of messages is elsewhere; it has no news of its own here. */
export const openRedisStore = ({ url, maxCount, historyUrl }: StoreOptions): NodeStore => {
  const engine = redisEngine({ url, retention: { maxCount } });
  return {
    engine,
    async messagesSince(user, place) {
      const response = await fetch(`${historyUrl}/${user}?place=${place}`);
      return (await response.json()) as { names: string[]; place: number };
    },
    addAnnouncement: async () => {},
    dueAnnouncements: async () => [],
    announced: async () => {},
    close: () => engine.close(),
  };
};
