import type { TakeTurn } from '../fair-scheduler.ts';
import type { Roster } from '../roster.ts';
import type { Session } from '../session/session.ts';
import type { LiveChannels } from './effects.ts';

/** How many sockets a frame is sent to in one turn. */
export const SOCKETS_PER_TURN_COUNT = 64;

/** @param takeTurn The turns of whoever sends: they come in the order in which they were asked for. */
export const createLiveChannels = (roster: Roster, takeTurn: TakeTurn): LiveChannels => {
  const sendTo = (userIds: readonly string[], send: (session: Session) => void) => {
    const sessions = [...new Set(userIds)].flatMap((userId) => roster.of(userId));
    const waits: Promise<void>[] = [];
    for (let first = 0; first < sessions.length; first += SOCKETS_PER_TURN_COUNT) {
      const some = sessions.slice(first, first + SOCKETS_PER_TURN_COUNT);
      // All turns are asked for at once, so that nothing gets in between.
      const turn = takeTurn();
      if (turn === undefined) some.forEach(send);
      else waits.push(turn.then(() => some.forEach(send)));
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
  };
  return {
    sendText: (userIds, text) => sendTo(userIds, (session) => session.send(text)),
    sendBinary: (userIds, data) => sendTo(userIds, (session) => session.sendBinary(data)),
  };
};
