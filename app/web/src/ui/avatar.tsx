import { HatIcon } from './icons.tsx';

/** How many colours styles/tokens.css has for avatars. */
const COLOURS_COUNT = 6;

const initialsOf = (name: string): string => {
  const words = name.trim().split(/\s+/);
  const first = words.at(0);
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last]
    .map((word) => Array.from(word ?? '').at(0) ?? '')
    .join('')
    .toUpperCase();
};

const colourOf = (name: string): number => {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9_973;
  return sum % COLOURS_COUNT;
};

/** A person by initials, always in the same colour. Decoration: the name stands beside it. */
export function Avatar({ name }: { name: string }) {
  return (
    <span className="avatar" data-colour={colourOf(name)} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

/** The face of somebody who must not be known. */
export function SantaAvatar() {
  return (
    <span className="avatar avatar-santa" aria-hidden="true">
      <HatIcon />
    </span>
  );
}
