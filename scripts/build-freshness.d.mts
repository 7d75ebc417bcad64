export declare const isFresh: (files: { sources: readonly string[]; outputs: readonly string[] }) => boolean;
