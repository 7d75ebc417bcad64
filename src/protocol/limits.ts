/** The largest frame a gateway accepts, in bytes; a larger one closes the socket with 1009. @default 1 MiB */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** How deep the JSON of a frame may nest. Deeper values break recursive code downstream (Immer, devtools, loggers). */
export const MAX_DEPTH_COUNT = 64;

/** How many message ids a client remembers per user, to drop repeats. */
export const REMEMBERED_IDS_COUNT = 2_000;

/**
 * How many bytes a client lets wait in the platform's buffer. Above it a volatile message is refused, and a durable one
 * stays in the outbox until the buffer has drained.
 */
export const MAX_CLIENT_BUFFERED_BYTES = 1024 * 1024;

/** The longest wait that a server may ask for in a CLOSING frame, in ms: ten minutes. A longer wish is cut to it. */
export const MAX_ADVISED_DELAY_MS = 10 * 60_000;

/**
 * How long a close may take that a CLOSING frame has announced, in ms. Then the client leaves the socket as if it had come.
 * Shorter than the negotiation of the extension: a server that closes is not taken for a plain one.
 */
export const CLOSING_GRACE_MS = 1_500;
