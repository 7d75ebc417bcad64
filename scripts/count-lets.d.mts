/** The `let`s of a source that closures capture. */
export function capturedLetsIn(
  path: string,
  text: string,
): { readonly path: string; readonly name: string; readonly isBoolean: boolean }[];
