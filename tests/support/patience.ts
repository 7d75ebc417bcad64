import { vi } from 'vitest';

const { waitFor } = vi;

/**
 * What a test waits for may take long on a busy machine: `vi.waitFor` gives up after 30 s in place of one, unless the test says otherwise.
 * It costs time only where a test fails.
 */
const patiently: typeof waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: 30_000, ...options });

// A shared worker runs this before each of its files.
if (waitFor.name !== patiently.name) vi.waitFor = patiently;
