/** The names that our users import, and the sources that they stand for: for Vite and what is made of it. */
export declare const sourceAlias: { readonly find: RegExp; readonly replacement: string }[];
