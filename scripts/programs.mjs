/**
 * Programs that the tests need and npm does not have. A test finds one, or says in one line what is missing; only `npm test`
 * (scripts/test.mjs) installs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether this is a Debian on which we may install packages, such as a container. */
const mayInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

const install = (packageName) => {
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', packageName], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
};

/**
 * The path of a program. Throws one line where it is missing: what needs it and how to get it. Installs nothing.
 *
 * @param {object} program
 * @param {() => string | null} program.find The path, or null.
 * @param {string} program.purpose What needs it, as in "The end-to-end tests".
 * @param {string} program.remedy How to get it, as the rest of one line.
 */
export const requireProgram = ({ find, purpose, remedy }) => {
  const found = find();
  if (found) return found;
  throw new Error(`${purpose} need ${remedy} \`npm test\` installs it on Debian as root.`);
};

/**
 * As {@link requireProgram}, but installs Debian's package where the program is missing and that is possible. For
 * scripts/test.mjs alone.
 *
 * @param {object} program
 * @param {string} program.packageName Debian's name of it.
 * @param {() => string | null} program.find The path, or null.
 * @param {boolean} program.isNamed Whether the environment names its place: then nothing is installed in its stead.
 * @param {string} program.purpose What needs it.
 */
export const installProgram = (program) => {
  const { packageName, find, isNamed, purpose } = program;
  if (!find() && !isNamed && mayInstall()) {
    console.log(`${purpose} need Debian's ${packageName}. Installing it, once…`);
    install(packageName);
  }
  return requireProgram(program);
};
