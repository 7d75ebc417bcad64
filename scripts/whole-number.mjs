/**
 * Reads an option of a script that counts something.
 *
 * @param {string} name
 * @param {string} text
 * @param {number} least
 * @returns {number}
 * @throws {Error} for anything but a whole number that is large enough.
 */
export const wholeNumber = (name, text, least) => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least) {
    throw new Error(`--${name} must be a whole number of ${least} or more; it is ${text}.`);
  }
  return number;
};
