/** The path of a Chromium, or null. `CHROMIUM_PATH` comes first. */
export function findChromium(): string | null;
/** As `findChromium`, and installs Debian's package where that is possible. Throws one clear line where it is not. */
export function needChromium(): string;
