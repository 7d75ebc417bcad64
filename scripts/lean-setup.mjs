const IMPORT = /^(import \{[^}]*\bsetup\b[^}]*\} from 'xstate';)/m;

/**
 * In place of XState's `setup`, what a chart's file uses of it. The whole has a maker for each kind of action there is, and a
 * bundler cannot leave one out: 0.4 kB of `log`, `emit` and `enqueueActions` that no chart of ours has.
 */
const SETUP =
  'const setup = ({ actors, actions, guards, delays }) => ({ createMachine: (config) => createMachine(config, { actors, actions, guards, delays }), createStateConfig: (config) => config });';

/** The source of a chart's vocabulary, with a `setup` that only makes machines and states. */
export const leanSetupIn = (code) =>
  code.replace(IMPORT, (line) => `${line.replace(/\bsetup\b/, 'createMachine')} ${SETUP}`);

/** The same, for every vocabulary that Rolldown reads. */
export const leanSetup = {
  name: 'lean-setup',
  transform: {
    filter: { id: /\/machines\/[\w.-]+\.setup\.ts$/ },
    handler: (code) => ({ code: leanSetupIn(code), map: null }),
  },
};
