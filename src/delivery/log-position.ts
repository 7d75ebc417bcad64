/**
 * How far the page has followed the log of one user. It belongs to the user and not to a socket, and lives as long as what the app has
 * made of the messages: until logout, or until another user comes.
 */
export interface LogPosition {
  readonly userId: string;
  /** The position of the last durable message that was applied. Null: the log was never followed. */
  cursor: string | null;
  /** The cursor at which the last hole was found. */
  holeAt: string | null;
  /** A hole was found twice at this cursor: the next RESUME does not name it. */
  isDoubted: boolean;
}

export const positionOf = (userId: string): LogPosition => ({
  userId,
  cursor: null,
  holeAt: null,
  isDoubted: false,
});
