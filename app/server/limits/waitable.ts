/**
 * The same, whether it is there at once or has to be waited for: what one process keeps in its memory, several keep in their
 * database.
 */
export type Waitable<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Result | Promise<Result>
    : Methods[Name];
};
