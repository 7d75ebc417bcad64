import type { TakeTurn } from '../fair-scheduler.ts';
import type { Roster } from '../roster.ts';
import type { Session } from '../session/session.ts';
import type { LiveChannels } from './effects.ts';

/** How many sockets a frame is sent to in one turn. */
export const SOCKETS_PER_TURN_COUNT = 64;

/** @param takeTurn The turns of whoever sends: they come in the order in which they were asked for. */
export const createLiveChannels = (roster: Roster, takeTurn: TakeTurn): LiveChannels => {
  const sendTo = (userIds: readonly string[], send: (session: Session) => void) => {
    const sessions: Session[] = [];
    for (const userId of new Set(userIds)) for (const session of roster.of(userId)) sessions.push(session);
    const sendFrom = (first: number) => {
      const end = Math.min(first + SOCKETS_PER_TURN_COUNT, sessions.length);
      for (let i = first; i < end; i += 1) send(sessions[i] as Session);
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
    sendText: (userIds, text) => sendTo(userIds, (session) => session.send(text)),
    sendBinary: (userIds, data) => sendTo(userIds, (session) => session.sendBinary(data)),
  };
};
