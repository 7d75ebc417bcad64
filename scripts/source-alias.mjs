import { fileURLToPath } from 'node:url';

const source = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The names that our users import, and the sources that they stand for: for Vite and what is made of it. */
export const sourceAlias = [
  { find: /^statesocket$/, replacement: source('src/index.ts') },
  { find: /^statesocket\/machines$/, replacement: source('machines/index.ts') },
  { find: /^statesocket\/(\w+(?:\/\w+)?)$/, replacement: source('src/$1/index.ts') },
];
