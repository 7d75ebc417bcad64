/** A program that the tests need: how to find it, and what to say where it is missing. */
export interface Program {
  readonly packageName: string;
  readonly find: () => string | null;
  readonly isNamed: boolean;
  readonly purpose: string;
  readonly remedy: string;
}
/** How a missing program is dealt with: by one line, or by installing it. */
export type ProvideProgram = (program: Program) => string;
/** The path of a program. Throws one line where it is missing, and installs nothing. */
export const requireProgram: ProvideProgram;
/** As `requireProgram`, but installs Debian's package where that is possible. For scripts/test.mjs alone. */
export const installProgram: ProvideProgram;
