import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import biome from '../../biome.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The settings of one section of .editorconfig. */
const editorSection = (glob: string): Record<string, string> => {
  const [, section = ''] = read('.editorconfig').split(`[${glob}]\n`);
  const lines = section.split(/\n\[/)[0]?.split('\n') ?? [];
  return Object.fromEntries(lines.filter((line) => line.includes('=')).map((line) => line.split(' = ')));
};

describe('what a newcomer’s tools are told', () => {
  it('is in .nvmrc the oldest Node that the package promises', () => {
    expect(packageJson.engines.node).toBe(`>=${read('.nvmrc').trim()}`);
  });

  it('is in .editorconfig what biome formats by', () => {
    const { indentStyle, indentWidth, lineWidth } = biome.formatter;
    expect(editorSection('*')).toMatchObject({
      indent_style: indentStyle,
      indent_size: String(indentWidth),
      end_of_line: 'lf',
    });
    expect(editorSection('*.{ts,tsx,mts,mjs,cjs,js,json,css}')).toEqual({
      max_line_length: String(lineWidth),
    });
  });

  it('are commands that CONTRIBUTING.md or docs/testing.md explains', () => {
    const explained = read('CONTRIBUTING.md') + read('docs/testing.md');
    const commands = ['check', 'test', 'changeset', 'coverage', 'docs:api', 'check:matrix', 'mutation'];
    for (const name of commands) {
      expect(packageJson.scripts).toHaveProperty([name]);
      expect(explained).toMatch(new RegExp(`npm (?:run )?${name}\\b`));
    }
  });
});

describe('changes that users notice', () => {
  const changesets = readdirSync(join(root, '.changeset')).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  );

  it('wait in .changeset, each with a kind of bump and words', () => {
    for (const name of changesets) {
      const [, bump, words = ''] =
        /^---\n'statesocket': (\w+)\n---\n\n([\s\S]+)$/.exec(read(`.changeset/${name}`)) ?? [];
      // Until 1.0 a breaking change is a minor one.
      expect([name, bump]).toEqual([name, expect.stringMatching(/^(?:patch|minor)$/)]);
      expect(words.trim().length).toBeGreaterThan(20);
    }
  });

  it('go to CHANGELOG.md without a network, above the version that is out', () => {
    const { changelog } = JSON.parse(read('.changeset/config.json'));
    expect(changelog).toBe('@changesets/cli/changelog');
    const log = read('CHANGELOG.md');
    expect(log).toMatch(/^# statesocket\n/);
    expect(/^## (.*)$/m.exec(log)?.[1]).toBe(packageJson.version);
  });

  it('are in the package', () => expect(packageJson.files).toContain('CHANGELOG.md'));
});
