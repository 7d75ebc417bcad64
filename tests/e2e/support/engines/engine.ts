/** A page in some engine. What it can do is what all engines can. */
export interface EnginePage {
  /** Goes to a URL and waits until it is loaded. */
  goes(url: string): Promise<void>;
  /** Waits for the value of an expression in the page. It may be a promise; its value is what JSON can hold. */
  evaluates<T>(expression: string): Promise<T>;
  reloads(): Promise<void>;
  /** One step back in the history of the page. */
  goesBack(): Promise<void>;
}

/** A browser of some engine, with one page. It asks nothing of the world outside this machine. */
export interface Engine {
  readonly name: EngineName;
  readonly page: EnginePage;
  closes(): Promise<void>;
}

export type EngineName = 'chromium' | 'firefox' | 'webkit';

/** An expression that calls a function of the page, or of a test, with values. */
export const calls = (func: string | ((...values: never[]) => unknown), ...values: unknown[]): string =>
  `(${func})(${values.map((value) => JSON.stringify(value)).join(', ')})`;
