/**
 * What happens next in virtual time: a binary heap of moments, each with the number of whom it concerns. Holds one moment
 * for each of `capacity` clients.
 */
export const createVirtualQueue = (capacity) => {
  const times = new Float64Array(capacity);
  const clients = new Int32Array(capacity);
  let length = 0;
  const put = (at, atMs, client) => {
    times[at] = atMs;
    clients[at] = client;
  };
  return {
    push(atMs, client) {
      let at = length;
      length += 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (times[parent] <= atMs) break;
        put(at, times[parent], clients[parent]);
        at = parent;
      }
      put(at, atMs, client);
    },
    /** The earliest, or undefined when nothing is left. */
    pop() {
      if (length === 0) return undefined;
      const next = { atMs: times[0], client: clients[0] };
      length -= 1;
      const lastMs = times[length];
      let at = 0;
      for (let child = 1; child < length; child = 2 * at + 1) {
        if (child + 1 < length && times[child + 1] < times[child]) child += 1;
        if (times[child] >= lastMs) break;
        put(at, times[child], clients[child]);
        at = child;
      }
      put(at, lastMs, clients[length]);
      return next;
    },
  };
};
