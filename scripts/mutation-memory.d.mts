export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}
export declare const lastingVerdicts: (report: MutationReport) => MutationReport;
export declare const keepLastingVerdicts: (file: string) => void;
