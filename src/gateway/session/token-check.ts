import { CloseCode } from '../../protocol/close-codes.ts';
import { StatesocketError } from '../../protocol/errors.ts';

/** Asks again whose token a socket has, at each heartbeat, so that a revoked one closes it (I20). */
export const createTokenCheck = (options: {
  readonly userId: string;
  /** Reports what goes wrong, without the cause: that may name the token. */
  readonly identify: () => Promise<string | null>;
  readonly report: (error: StatesocketError) => void;
  readonly close: (code: number, reason: string) => void;
}): (() => Promise<void>) => {
  const { userId, identify, report, close } = options;
  let checking = false;
  return async () => {
    if (checking) {
      report(new StatesocketError('authenticate-failed', 'authenticate did not answer in time.'));
      close(CloseCode.TryAgainLater, 'try again later');
      return;
    }
    checking = true;
    try {
      if ((await identify()) !== userId) close(CloseCode.Unauthenticated, 'unauthenticated');
    } catch {
      close(CloseCode.TryAgainLater, 'try again later');
    } finally {
      checking = false;
    }
  };
};
