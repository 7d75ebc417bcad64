const IMPORT = /^import \{([^}]*)\} from 'xstate';/m;
const CREATE = '(?<== )(?=\\w+Setup\\.create(?:Machine|StateConfig)\\()';

/**
 * Marks what a machine's file makes on import as pure: `setup(…)`, the actions and guards that are its arguments, and
 * `….createMachine(…)` and `….createStateConfig(…)`. Bundlers cannot know that these only make objects, and would keep all of
 * XState for an app that imports a backoff. Here and not in the sources, where forty comments would be in the way of a file that reads as a document.
 */
export const markPureIn = (code) => {
  const [, names = ''] = IMPORT.exec(code) ?? [];
  const makers = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));
  const call = makers.length === 0 ? '' : `|(?<=[=:,([]\\s*)(?=(?:${makers.join('|')})[(<])`;
  const place = new RegExp(`/\\*[\\s\\S]*?\\*/|//.*|${CREATE}${call}`, 'g');
  return code.replace(place, (comment) => comment || '/* @__PURE__ */ ');
};

/** The same, for every file in machines/ that Rolldown reads. */
export const markPure = {
  name: 'mark-pure',
  transform: {
    filter: { id: /\/machines\/[\w.-]+\.ts$/ },
    // The columns of a source map move with the comments; no line does.
    handler: (code) => ({ code: markPureIn(code), map: null }),
  },
};
