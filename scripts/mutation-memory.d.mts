export interface MutationVerdict {
  readonly status: string;
  readonly static?: boolean;
}
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly MutationVerdict[] }>>;
}
export declare const lastingVerdicts: (report: MutationReport) => MutationReport;
export declare const keepLastingVerdicts: (file: string) => void;
