import { useAppSelector } from '../store/store.ts';

/** Whether somebody is known to be online. Of a Secret Santa (null) nothing is ever known. */
export const useIsOnline = (userId: string | null): boolean =>
  useAppSelector((state) => userId !== null && state.presence[userId]?.online === true);
