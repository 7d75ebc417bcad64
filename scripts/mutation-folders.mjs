/**
 * What `npm run mutation` changes, folder by folder, and the tests that have to notice. Tests that read sources as text, build them, or
 * take minutes (tests/house, tests/simulation, tests/integration, tests/e2e) are left out: a mutant that only they kill counts as alive.
 */
export const MUTATION_FOLDERS = {
  'src/lib': ['tests/lib'],
  'src/protocol': ['tests/protocol'],
  machines: ['tests/machines', 'tests/recording'],
  'src/actors': ['tests/actors', 'tests/client'],
  'src/client': ['tests/client', 'tests/recording', 'tests/delivery'],
  'src/delivery': ['tests/delivery', 'tests/client'],
  'src/bridge': ['tests/redux', 'tests/toast'],
  'src/recording': ['tests/recording', 'tests/testing'],
  'src/react': ['tests/react'],
  'src/redux': ['tests/redux'],
  'src/toast': ['tests/toast'],
  'src/sentry': ['tests/sentry'],
  'src/inspect': ['tests/inspect'],
  'src/stately': ['tests/stately'],
  'src/testing': ['tests/testing'],
  'src/gateway': ['tests/gateway'],
  'app/server': ['tests/app/server'],
};
