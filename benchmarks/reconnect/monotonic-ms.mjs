/** Milliseconds of the machine's monotonic clock: comparable between processes, and never set back. */
export const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;
