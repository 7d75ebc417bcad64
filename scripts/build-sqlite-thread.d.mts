export declare const buildSqliteThread: () => Promise<string>;
