/** Builds each entry, a file of the repository, to `NAME.js` in a new directory below node_modules, where packages resolve. */
export function buildForNode(
  entries: Readonly<Record<string, string>>,
): Promise<{ readonly directory: string; readonly remove: () => Promise<void> }>;
