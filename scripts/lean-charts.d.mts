/** Leaves the descriptions out of a machine's file. */
export function leanChartIn(code: string): string;
/** The same, for every chart that Rolldown reads. */
export const leanCharts: {
  readonly name: string;
  readonly transform: {
    readonly filter: { readonly id: RegExp };
    handler(code: string): { readonly code: string; readonly map: null };
  };
};
