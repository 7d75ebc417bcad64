/** Programs that the tests need and npm does not have. On Debian, as root, as in a container, what is missing is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether this is a Debian on which we may install packages. */
const mayInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

const install = (packageName) => {
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', packageName], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
};

/**
 * What `find` finds, after installing Debian's package where nothing is found and that is possible.
 *
 * @param {object} need
 * @param {string} need.packageName Debian's name of it.
 * @param {() => string | null} need.find The path of the program, or null.
 * @param {boolean} need.isNamed Whether the environment names its place: then nothing is installed in its stead.
 * @param {string} need.purpose What needs it, as in "The end-to-end tests".
 * @param {string} need.remedy How to get it, as the rest of one line.
 * @returns {string} Throws that line where there is none.
 */
export const needDebianPackage = ({ packageName, find, isNamed, purpose, remedy }) => {
  const found = find();
  if (found) return found;
  if (!isNamed && mayInstall()) {
    console.log(`${purpose} need Debian's ${packageName}. Installing it, once…`);
    install(packageName);
    const installed = find();
    if (installed) return installed;
  }
  throw new Error(`${purpose} need ${remedy}`);
};
