import type { ProvideProgram } from './programs.mjs';

/** The path of a Chromium, or null. `CHROMIUM_PATH` comes first. */
export function findChromium(): string | null;
/** As `findChromium`, but throws one clear line where there is none. */
export function needChromium(provide?: ProvideProgram): string;
