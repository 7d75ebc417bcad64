import type { ProvideProgram } from './programs.mjs';

/** The path of an nginx. Throws one clear line where there is none. */
export function needNginx(provide?: ProvideProgram): string;
/** The path of a HAProxy. Throws one clear line where there is none. */
export function needHaproxy(provide?: ProvideProgram): string;
/** The path of a Python 3 that has the module websockets. Throws one clear line where there is none. */
export function needPythonWebsockets(provide?: ProvideProgram): string;
