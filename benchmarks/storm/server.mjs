/** The server of the storm: down at first, then it accepts so many a second and refuses the rest at once. */
export const createServer = ({ downMs, acceptsPerSecond }) => {
  let second = -1;
  let acceptedCount = 0;
  return {
    /** Whether an attempt that arrives at `atMs` is accepted. Times must not fall. */
    accepts(atMs) {
      if (atMs < downMs) return false;
      const now = Math.floor((atMs - downMs) / 1_000);
      if (now !== second) {
        second = now;
        acceptedCount = 0;
      }
      if (acceptedCount === acceptsPerSecond) return false;
      acceptedCount += 1;
      return true;
    },
  };
};
