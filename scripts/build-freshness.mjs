import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is built, never a source. */
const NOT_A_SOURCE = new Set(['dist', 'node_modules']);

const modifiedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

/** The latest modification at or below a path, in epoch ms; 0 when there is nothing. */
const newestBelow = (path) => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const below = readdirSync(path).filter((name) => !NOT_A_SOURCE.has(name));
  // A folder's own time counts: it is all that a removed file changes.
  return Math.max(stats.mtimeMs, ...below.map((name) => newestBelow(join(path, name))));
};

/**
 * Whether every output is there and newer than every source.
 *
 * @param {{ sources: readonly string[], outputs: readonly string[] }} files Paths of files or folders.
 * @returns {boolean}
 */
export const isFresh = ({ sources, outputs }) => {
  const newest = Math.max(...sources.map(newestBelow));
  return outputs.every((path) => (modifiedAt(path) ?? 0) > newest);
};
