/** What a person or a group can be called, as both halves check it. */
import * as v from 'valibot';

/**
 * Letters that show nothing or turn the text around them: a name made of them passes for another. Half a surrogate pair is no
 * letter at all. Joiners and variation selectors are let in, since emoji and some scripts are written with them.
 */
const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u2800]|(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/u;
/** What is left of a name that shows something. */
const SEEN = /[^\s\p{Default_Ignorable_Code_Point}]/u;

export const name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'Please enter a name.'),
  v.maxLength(60, 'A name has at most 60 letters.'),
  v.check((text) => !UNSEEN.test(text) && SEEN.test(text), 'A name cannot have letters that nobody sees.'),
);

/** What the recipient is told instead of a name. */
export const SECRET_SANTA = 'Your Secret Santa';

/**
 * Letters of other alphabets, digits and small capitals that look like the letters of {@link SECRET_SANTA}. Source: the
 * confusables of Unicode TS 39, the ones that a keyboard or a common font has.
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  y: 'уүγʏყ',
  o: 'оοօᴏ0০०',
  u: 'υսᴜ',
  r: 'гʀᴦ',
  s: 'ѕꜱ5$',
  e: 'еєᴇҽ3',
  c: 'сϲᴄ',
  t: 'тτᴛ',
  a: 'аαᴀ4@ɑ',
  n: 'пոɴη',
};
const LETTER_OF = new Map(
  Object.entries(LOOKALIKES).flatMap(([letter, lookalikes]) =>
    [...lookalikes].map((lookalike) => [lookalike, letter]),
  ),
);

/** The name as eyes read it: without case, width, accents, spaces and signs, and with lookalikes as what they look like. */
const readAs = (text: string): string =>
  [...text.normalize('NFKD').toLowerCase()]
    .map((letter) => LETTER_OF.get(letter) ?? letter)
    .filter((letter) => /[\p{L}\p{N}]/u.test(letter))
    .join('');

const SANTA_AS_READ = readAs(SECRET_SANTA);

/** The name of a person. Nobody can be called "Your Secret Santa", or what reads like it. */
export const personName = v.pipe(
  name,
  v.check(
    (text) => readAs(text) !== SANTA_AS_READ,
    'This name is taken by the app. Please choose another one.',
  ),
);
