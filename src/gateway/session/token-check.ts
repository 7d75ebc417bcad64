import type { SessionOptions } from './session-host.ts';

/** Whose token a socket has by now: its user's, another's or nobody's, or what nobody could say. */
export type TokenVerdict = 'its own' | 'revoked' | 'unknown';

/** Asks again whose token a socket has, one time after the other. */
export class TokenCheck {
  /** Whether the last one is still out. */
  isUnderWay = false;

  async run({ identify, userId }: Pick<SessionOptions, 'identify' | 'userId'>): Promise<TokenVerdict> {
    this.isUnderWay = true;
    try {
      return (await identify()) === userId ? 'its own' : 'revoked';
    } catch {
      // It was reported, without the cause: that may name the token.
      return 'unknown';
    } finally {
      this.isUnderWay = false;
    }
  }
}
