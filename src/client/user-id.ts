import { StatesocketError } from '../protocol/errors.ts';

/** The user that `connect` names, as the string that it is compared by. @throws {StatesocketError} `bad-user-id` */
export const userIdOf = (userId: unknown): string => {
  if (
    (typeof userId === 'string' && userId !== '') ||
    (typeof userId === 'number' && Number.isFinite(userId))
  ) {
    return String(userId);
  }
  throw new StatesocketError(
    'bad-user-id',
    'connect() needs { userId }: a string with characters, or a finite number. While nobody is signed in, do not call it.',
  );
};
