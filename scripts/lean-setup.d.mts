/** The source of a chart's vocabulary, with a `setup` that only makes machines. */
export function leanSetupIn(code: string): string;
/** The same, for every vocabulary that Rolldown reads. */
export const leanSetup: {
  readonly name: string;
  readonly transform: {
    readonly filter: { readonly id: RegExp };
    handler(code: string): { readonly code: string; readonly map: null };
  };
};
