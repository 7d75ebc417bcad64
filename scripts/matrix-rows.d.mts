export interface MatrixRow {
  readonly name: string;
  readonly packages: readonly string[];
  /** A package of which the newest version is taken, pre-releases included. */
  readonly next?: string;
  readonly tests: readonly string[];
  readonly isDemanded: boolean;
  /** The package is built before its tests. */
  readonly builds?: boolean;
}
export declare const MATRIX_ROWS: readonly MatrixRow[];
export declare const nextVersion: (versions: readonly string[]) => string;
