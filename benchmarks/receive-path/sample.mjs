/** How the candidates are measured. */

/** A connected candidate. `sample` receives `count` messages and answers the CPU of this process, in µs a message. */
export const connect = async (candidate, url) => {
  let left = 0;
  let done = () => {};
  const { write, close, acksSent } = await candidate(url, (message) => {
    if (message.payload.text.length === 0) throw new Error('An empty message.');
    left -= 1;
    if (left === 0) done();
  });
  const sample = async ({ count, ...how }) => {
    left = count;
    const received = new Promise((resolve) => {
      done = resolve;
    });
    const before = process.cpuUsage();
    write(JSON.stringify({ type: 'GO', count, ...how }));
    await Promise.all([received, how.withId ? acksSent?.(count) : undefined]);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  return { sample, close };
};

/** Samples two side by side, so that both meet the same machine; which comes first is to alternate. In µs a message. */
export const samplePair = async (one, other, how, oneFirst) => {
  if (oneFirst) {
    const oneUs = await one.sample(how);
    return [oneUs, await other.sample(how)];
  }
  const otherUs = await other.sample(how);
  return [await one.sample(how), otherUs];
};
