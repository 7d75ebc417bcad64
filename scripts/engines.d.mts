import type { ProvideProgram } from './programs.mjs';

/** The path of a Firefox. Throws one clear line where there is none. */
export function needFirefox(provide?: ProvideProgram): string;
/** The path of WebKitGTK's WebDriver. Throws one clear line where there is none. */
export function needWebKitDriver(provide?: ProvideProgram): string;
/** The path of the browser that WebKitGTK's WebDriver drives. Throws one clear line where there is none. */
export function needMiniBrowser(provide?: ProvideProgram): string;
/** The path of a screen that nobody looks at. Throws one clear line where there is none. */
export function needXvfb(provide?: ProvideProgram): string;
