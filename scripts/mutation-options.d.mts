export interface MutationTarget {
  readonly folder: string;
  readonly mutate: string;
  readonly tests: readonly string[];
}
export declare const mutationOptions: (args: readonly string[]) => {
  readonly targets: readonly MutationTarget[];
  readonly concurrency: number;
  readonly sample: { readonly percent: number; readonly seed: number } | null;
};
