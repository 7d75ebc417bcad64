/** The versions of `npm run check:matrix`, and the tests that run with each. */
export const MATRIX_ROWS = [
  {
    name: 'React 18',
    packages: ['react@18', 'react-dom@18', '@types/react@18', '@types/react-dom@18'],
    tests: [
      'tests/react',
      'tests/redux',
      'tests/toast',
      '--project',
      'node',
      '--project',
      'alone',
      '--project',
      'dom',
    ],
    isDemanded: true,
  },
  {
    name: 'the oldest pg',
    packages: ['pg@8.16.0'],
    // One of its tests starts a process that imports the package.
    builds: true,
    tests: [
      'tests/stores/postgres-engine.test.ts',
      'tests/stores/postgres-tables.test.ts',
      'tests/stores/postgres-faults.test.ts',
      'tests/stores/publish-in.test.ts',
      'tests/stores/pgbouncer.test.ts',
      '--project',
      'stores',
    ],
    isDemanded: true,
  },
  {
    // What comes next may break what it likes: the row says what is ahead of us, and fails nothing.
    name: 'the next XState',
    packages: [],
    next: 'xstate',
    tests: [
      'tests/lib',
      'tests/machines',
      'tests/actors',
      'tests/client',
      '--project',
      'node',
      '--project',
      'alone',
    ],
    isDemanded: false,
  },
];

/** The numbers of a version: major, minor, patch, and those of a pre-release, which comes before its release. */
const numbersOf = (version) => {
  const [release = '', ...rest] = version.split('-');
  const ofRelease = release.split('.').map(Number);
  return rest.length === 0
    ? [...ofRelease, Number.POSITIVE_INFINITY]
    : [...ofRelease, ...(rest.join('-').match(/\d+/g) ?? []).map(Number)];
};

const isNewer = (one, other) => {
  const [left, right] = [numbersOf(one), numbersOf(other)];
  const at = left.findIndex((number, index) => number !== (right[index] ?? 0));
  return at >= 0 && left[at] > (right[at] ?? 0);
};

/**
 * The newest version that a registry has, pre-releases included.
 *
 * @param {readonly string[]} versions
 */
export const nextVersion = (versions) =>
  versions.reduce((newest, version) => (isNewer(version, newest) ? version : newest));
