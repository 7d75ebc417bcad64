import type { TakeTurn } from '../fair-scheduler.ts';
import type { Roster } from '../roster.ts';
import type { Session } from '../session/session.ts';
import { SharedFrame } from '../wire/shared-frame.ts';
import type { LiveChannels } from './effects.ts';

/** How many sockets a frame is sent to in one turn. */
export const SOCKETS_PER_TURN_COUNT = 64;

/** @param takeTurn The turns of whoever sends: they come in the order in which they were asked for. */
export const createLiveChannels = (roster: Roster, takeTurn: TakeTurn): LiveChannels => {
  const sendTo = (userIds: readonly string[], payload: SharedFrame['payload']) => {
    const frame = new SharedFrame(payload);
    const sessions = roster.ofAll(userIds);
    const sendFrom = (first: number) => {
      const end = Math.min(first + SOCKETS_PER_TURN_COUNT, sessions.length);
      for (let i = first; i < end; i += 1) (sessions[i] as Session).send(frame);
    };
    let waits: Promise<void>[] | null = null;
    for (let first = 0; first < sessions.length; first += SOCKETS_PER_TURN_COUNT) {
      // All turns are asked for at once, so that nothing gets in between.
      const turn = takeTurn();
      if (turn === undefined) {
        sendFrom(first);
      } else {
        waits ??= [];
        waits.push(turn.then(() => sendFrom(first)));
      }
    }
    return waits === null ? undefined : Promise.all(waits).then(() => {});
  };
  return {
    sendText: sendTo,
    sendBinary: sendTo,
  };
};
