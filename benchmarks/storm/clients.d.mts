import type { Backoff } from 'statesocket';

type Client = (nowMs: number) => number | null;

export const statesocket: (backoff: Backoff) => (random: () => number) => Client;
