/** What `find` finds, after installing Debian's package where that is possible. Throws one clear line where it is not. */
export function needDebianPackage(need: {
  readonly packageName: string;
  readonly find: () => string | null;
  readonly isNamed: boolean;
  readonly purpose: string;
  readonly remedy: string;
}): string;
