/** A WebSocket class that counts the ACKs it sends: they are paced, and a sample ends with its last one. */
export const countAcks = (WebSocket) => {
  let left = 0;
  let done = () => {};
  return {
    WebSocket: class extends WebSocket {
      send(...args) {
        super.send(...args);
        if (left === 0 || !String(args[0]).startsWith('{"type":"ACK"')) return;
        left -= 1;
        if (left === 0) done();
      }
    },
    /** Resolves when so many more were sent. Call it before they are. */
    sent: (count) =>
      new Promise((resolve) => {
        left = count;
        done = resolve;
        if (count === 0) resolve();
      }),
  };
};
