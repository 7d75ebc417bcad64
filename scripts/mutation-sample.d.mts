export interface MutationSample {
  readonly percent: number;
  readonly seed: number;
}
export interface SampledMutant {
  readonly fileName: string;
  readonly location: object;
  readonly mutatorName: string;
  readonly replacement: string;
}
export declare const isInSample: (mutant: SampledMutant, sample: MutationSample) => boolean;
