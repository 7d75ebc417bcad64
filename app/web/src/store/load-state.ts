/** How far a list is: `failed` keeps what was loaded before, if anything. */
export type LoadState = 'unloaded' | 'loading' | 'loaded' | 'failed';
