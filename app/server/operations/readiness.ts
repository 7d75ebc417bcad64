/** How long an answer may take, in ms. */
const PATIENCE_MS = 1_000;
/** How long a verdict is good for, in ms: probes of many proxies are one question. */
const FRESH_MS = 1_000;

/** Whether the server takes people in, and if not, why. */
export interface Verdict {
  readonly isReady: boolean;
  /** The names of what does not answer, and `draining`. */
  readonly reasons: readonly string[];
}

/** Whether this process can do its work. */
export interface Readiness {
  /** Does not reject. */
  ask(): Promise<Verdict>;
  /** Not ready any more, whatever answers. */
  drain(): void;
}

const answersInTime = async (ask: () => Promise<unknown>): Promise<boolean> => {
  const late = new Promise<false>((resolve) => void setTimeout(() => resolve(false), PATIENCE_MS).unref());
  const asked = (async () => {
    await ask();
    return true;
  })();
  return Promise.race([asked, late]).catch(() => false);
};

/** @param checks What must answer, by name. Each is asked once at a time, and once a second at most. */
export const createReadiness = (checks: Readonly<Record<string, () => Promise<unknown>>>): Readiness => {
  const state: { isDraining: boolean; askedAt: number; silent: Promise<readonly string[]> | null } = {
    isDraining: false,
    askedAt: 0,
    silent: null,
  };
  const look = async (): Promise<readonly string[]> => {
    const names = Object.keys(checks);
    const answers = await Promise.all(Object.values(checks).map(answersInTime));
    return names.filter((_name, at) => !answers[at]);
  };
  return {
    async ask() {
      const now = performance.now();
      if (state.silent === null || now - state.askedAt > FRESH_MS) {
        state.askedAt = now;
        state.silent = look();
      }
      const silent = await state.silent;
      const reasons = state.isDraining ? ['draining', ...silent] : silent;
      return { isReady: reasons.length === 0, reasons };
    },
    drain() {
      state.isDraining = true;
    },
  };
};
