/** Marks what a machine's file makes on import as pure, so that bundlers leave out what nobody uses. */
export function markPureIn(code: string): string;
/** The same, as a plugin of Rolldown. */
export const markPure: {
  readonly name: string;
  readonly transform: {
    readonly filter: { readonly id: RegExp };
    readonly handler: (code: string) => { readonly code: string; readonly map: null };
  };
};
