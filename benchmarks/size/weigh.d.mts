/** `withHelper`: with what Vite adds for the first `import()` of a page. */
interface WeighOptions {
  readonly withHelper?: boolean;
}
/** What Vite makes of `code` in production mode, minified, without the packages of `external`: what a page loads at once. */
export function bundleOf(code: string, external?: readonly string[], options?: WeighOptions): Promise<string>;
/** The same in bytes, gzipped. */
export function gzipBytesOf(
  code: string,
  external?: readonly string[],
  options?: WeighOptions,
): Promise<number>;
