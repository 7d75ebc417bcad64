/**
 * Frames for a sender in a process of its own, made beforehand and written straight to the TCP socket: `ws` would send more
 * slowly than a client reads.
 */

/** RFC 6455 section 5.2: one unmasked text frame of 126 to 65,535 bytes. */
export const frameOf = (text) => {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
};

/** The chat message number `sequence`; `names` is what the protocol adds to it. */
export const chatMessage = (sequence, names = {}) => ({
  type: 'NEW_MESSAGE',
  ...names,
  payload: {
    conversationId: `c-${sequence % 7}`,
    text: `Present idea number ${sequence}: a warm hat?`,
    sentAt: 1_795_500_000_000,
  },
  sender: 'u-1042',
});

/** Writes all frames at once or, `paced`, one a turn of the event loop. */
export const writeFrames = (socket, frames, paced) => {
  if (!paced) {
    socket.write(Buffer.concat(frames));
    return;
  }
  const left = [...frames];
  const writeNext = () => {
    const frame = left.shift();
    if (frame === undefined) return;
    socket.write(frame);
    setImmediate(writeNext);
  };
  writeNext();
};
