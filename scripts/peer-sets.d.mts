/** The peers that `npm run check:peers` installs together: the oldest that our ranges allow, the newest, and what lies between. */
export const PEER_SETS: readonly { readonly name: string; readonly peers: readonly string[] }[];
