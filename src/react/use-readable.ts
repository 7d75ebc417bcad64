import { useSelector } from '@xstate/react';
import { useSyncExternalStore } from 'react';
import { type ReadablePair, type Readables, readablesOf } from './readables-of.ts';
import { useProvided } from './use-provided.ts';

const never = () => () => {};
const yes = () => true;
const no = () => false;

/**
 * Reads a part of the connection with @xstate/react's `useSelector`. That takes one snapshot for browser and server; but what a
 * page renders while it takes over the server's HTML must be what the server rendered, and by then the connection may be open. So
 * the hook, which is named for its errors, asks React whether this render is such a one, and reads what a server
 * reads. React renders again at once, with what is.
 */
export const useReadable = <Snapshot, Selected>(
  hook: string,
  partOf: (readables: Readables) => ReadablePair<Snapshot>,
  select: (snapshot: Snapshot) => Selected,
): Selected => {
  const { live, onServer } = partOf(readablesOf(useProvided(hook)));
  const isLive = useSyncExternalStore(never, yes, no);
  return useSelector(isLive ? live : onServer, select);
};
