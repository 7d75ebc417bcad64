/** How many heartbeats a question to an engine may be out: nothing is awaited without a deadline. */
const MAX_BEATS_COUNT = 2;

/** Sees to it that one socket waits for no engine for ever. A class: there is one per socket. */
export class Patience {
  /** Heartbeats since the engine was called and has not returned; null: no call is out. */
  private beatCount: number | null = null;

  /** One question at a time. */
  async ask<T>(question: Promise<T>): Promise<T> {
    this.beatCount = 0;
    try {
      return await question;
    } finally {
      this.beatCount = null;
    }
  }

  get isAsking(): boolean {
    return this.beatCount !== null;
  }

  /** It is a heartbeat. An error, once, when a question has been out for two of them. */
  beat(): Error | null {
    if (this.beatCount === null) return null;
    this.beatCount += 1;
    return this.beatCount === MAX_BEATS_COUNT ? new Error('The engine did not reply in time.') : null;
  }
}
