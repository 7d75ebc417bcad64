import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');
/** What a script writes is read as a list. */
const isGenerated = (path: string): boolean => read(path).startsWith('<!-- Generated');
const pages = tracked.filter((path) => path.endsWith('.md') && !isGenerated(path));
const sources = tracked.filter((path) => /^(?:src|machines|app)\/.*\.tsx?$/.test(path));

interface Line {
  /** Where it stands: `README.md:12`. */
  readonly place: string;
  readonly text: string;
}

const linesOf = (path: string): readonly Line[] =>
  read(path)
    .split('\n')
    .map((text, index) => ({ place: `${path}:${index + 1}`, text }));

/** The lines of a page that are read as English: no code, no table. */
const proseOf = (path: string): readonly Line[] => {
  let isCode = false;
  return linesOf(path).filter(({ text }) => {
    const isFence = /^\s*```/.test(text);
    if (isFence) isCode = !isCode;
    return !isCode && !isFence && !/^\s*(?:\||!\[|<)/.test(text);
  });
};
const rowsOf = (path: string): readonly Line[] => linesOf(path).filter(({ text }) => text.startsWith('|'));
const commentsOf = (path: string): readonly Line[] =>
  linesOf(path).filter(({ text }) => /^\s*(?:\/\/|\/?\*)/.test(text));

/** Without code, addresses and the names of tests, which are quoted as they are. */
const words = (text: string): string =>
  text
    .replace(/`tests\/[^`]*` "[^"]*"/g, '')
    .replace(/`[^`]*`/g, '')
    .replace(/\]\([^)]*\)/g, ']');

/** Words that stop a reader, and what to write instead. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/\banew\b/i, 'again'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [/\bhalf told\b/i, 'partially fanned out'],
  [/\bonce a (?:connection|type)\b(?! (?:is|has|was)\b)/i, 'once per …'],
  [/\b(?:words?|texts?|names?|sentences?) (?:are |is )?for people\b/i, 'human-readable'],
  [/\bmoment of choice\b/i, 'a chosen moment'],
  [/\bof (?:its|their) own accord\b/i, 'by itself'],
  [/\bwhat was left\b/i, 'rejected alternatives'],
  [/\bin the midst of\b/i, 'in the middle of'],
  [/\bWhoever cannot\b/, 'If you cannot'],
];
/** Of functions: they return. Of servers and peers: they reply. Only a person answers. */
const ANSWERS: readonly [RegExp, string] = [/\banswers\b/i, 'returns, replies or responds'];

const stops = (lines: readonly Line[], banned: readonly (readonly [RegExp, string])[]): readonly string[] =>
  lines.flatMap(({ place, text }) =>
    banned
      .filter(([word]) => word.test(words(text)))
      .map(([word, better]) => `${place}: ${word.exec(words(text))?.[0]}. Write: ${better}.`),
  );

describe('the English of the documents', () => {
  it('has no line of prose over 140 characters', () => {
    const long = pages.flatMap(proseOf).filter(({ text }) => text.length > 140 && text.includes(' '));
    expect(long.map(({ place }) => place)).toEqual([]);
  });

  it('has no table row over 400 characters', () => {
    const long = pages.flatMap(rowsOf).filter(({ text }) => text.length > 400);
    expect(long.map(({ place }) => place)).toEqual([]);
  });

  it('has none of the words that stop a reader', () => {
    const lines = pages.flatMap((path) => [...proseOf(path), ...rowsOf(path)]);
    expect(stops(lines, [...INSTEAD, ANSWERS])).toEqual([]);
  });
});

describe('the English of the comments', () => {
  it('has no line over 140 characters', () => {
    const long = sources
      .flatMap(commentsOf)
      .filter(({ text }) => text.length > 140 && !/^\s*\* \|/.test(text));
    expect(long.map(({ place }) => place)).toEqual([]);
  });

  it('has none of the words that stop a reader', () => {
    expect(stops(sources.flatMap(commentsOf), INSTEAD)).toEqual([]);
    const ofFunctions: readonly [RegExp, string] = [/\bAnswers\b/, 'Returns'];
    expect(stops(sources.flatMap(commentsOf), [ofFunctions])).toEqual([]);
  });

  it('can be found wrong', () => {
    const line: Line = { place: 'nowhere:1', text: '/** Once a connection: it answers anew. */' };
    expect(stops([line], [...INSTEAD, ANSWERS])).toEqual([
      'nowhere:1: anew. Write: again.',
      'nowhere:1: Once a connection. Write: once per ….',
      'nowhere:1: answers. Write: returns, replies or responds.',
    ]);
  });
});
