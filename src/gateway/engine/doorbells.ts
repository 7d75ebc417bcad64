/** The subscriptions of one engine within this process. */
export interface Doorbells {
  subscribe(userId: string, doorbell: () => void): () => void;
  ring(userId: string): void;
  clear(): void;
}

export const createDoorbells = (): Doorbells => {
  const byUser = new Map<string, Set<() => void>>();
  return {
    subscribe(userId, doorbell) {
      // Wrapped, so that the same function subscribed twice is two subscriptions.
      const bell = () => doorbell();
      const bells = byUser.get(userId) ?? new Set();
      byUser.set(userId, bells.add(bell));
      return () => {
        bells.delete(bell);
        if (bells.size === 0 && byUser.get(userId) === bells) byUser.delete(userId);
      };
    },
    ring(userId) {
      for (const bell of [...(byUser.get(userId) ?? [])]) bell();
    },
    clear: () => byUser.clear(),
  };
};
