/** The subscriptions of one engine within this process. */
export interface Doorbells {
  subscribe(userId: string, doorbell: () => void): () => void;
  ring(userId: string): void;
  ringAll(userIds: readonly string[]): void;
  ringEverybody(): void;
  clear(): void;
}

export const createDoorbells = (): Doorbells => {
  /** Lists, since most users have one subscription: a Set of one is several times as large. */
  const byUser = new Map<string, (() => void)[]>();
  const ring = (userId: string) => {
    for (const bell of [...(byUser.get(userId) ?? [])]) bell();
  };
  return {
    subscribe(userId, doorbell) {
      // Wrapped, so that the same function subscribed twice is two subscriptions.
      const bell = () => doorbell();
      const bells = byUser.get(userId);
      if (bells === undefined) byUser.set(userId, [bell]);
      else bells.push(bell);
      return () => {
        const left = byUser.get(userId) ?? [];
        const at = left.indexOf(bell);
        if (at !== -1) left.splice(at, 1);
        if (left.length === 0) byUser.delete(userId);
      };
    },
    ring,
    ringAll(userIds) {
      for (const userId of userIds) ring(userId);
    },
    ringEverybody() {
      for (const bells of [...byUser.values()]) for (const bell of [...bells]) bell();
    },
    clear: () => byUser.clear(),
  };
};
