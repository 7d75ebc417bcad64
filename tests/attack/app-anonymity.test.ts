import { describe, expect, it } from 'vitest';
import { listConversations } from '../../app/server/chat/conversations.ts';
import { watchedBy } from '../../app/server/chat/presence.ts';
import type { Database } from '../../app/server/database/open-database.ts';
import { listGroups } from '../../app/server/groups/groups.ts';
import { listInvitations } from '../../app/server/groups/invitations.ts';
import { drawRaffle, storeDraw } from '../../app/server/groups/raffle.ts';
import { announceRaffle } from '../../app/server/socket/announcements.ts';
import {
  cycleOf,
  databaseOf,
  everyCycle,
  everyRow,
  factorial,
  scripted,
  undraw,
} from '../app/server/support/every-draw.ts';

/** R wants to know who is their Secret Santa in the office. */
const OFFICE = ['R', 'S', 'X', 'Y'];

const SECOND_GROUPS: [string, string[]][] = [
  ['the suspect and a puppet', ['R', 'S', 'P']],
  ['the suspect and a colleague', ['R', 'S', 'X']],
  ['all colleagues', ['R', 'S', 'X', 'Y']],
];
/** Who works together, and the groups that they draw besides. */
const SPIES: [string, string[], Record<string, string[]>][] = [
  ['R alone, with the suspect and a puppet', ['R'], { trap: ['R', 'S', 'P'] }],
  ['R and the puppet, with the suspect', ['R', 'P'], { trap: ['R', 'S', 'P'] }],
  ['R alone, with all colleagues', ['R'], { again: OFFICE }],
  ['R and two puppets, in two groups', ['R', 'P', 'Q'], { trap: ['R', 'S', 'P'], other: ['R', 'X', 'Q'] }],
  ['two puppets without R, with the suspect', ['R', 'P', 'Q'], { trap: ['P', 'S', 'Q'] }],
];

const drawOf = async (db: Database, groupId: string): Promise<string> => {
  const rows = await db.selectFrom('conversations').selectAll().where('groupId', '=', groupId).execute();
  return rows
    .map(({ giverId, recipientId }) => `${giverId} ${recipientId}`)
    .toSorted()
    .join();
};

/** Draws a group as the server does, and keeps what these people are sent then, everybody being online. */
const drawAndListen = async (
  db: Database,
  groupId: string,
  order: readonly string[],
  spies: readonly string[],
) => {
  const heard: string[] = [];
  const listen = (userIds: readonly string[], message: object) => {
    for (const spy of spies.filter((id) => userIds.includes(id)))
      heard.push(`${spy} ${JSON.stringify(message)}`);
  };
  await storeDraw(db, groupId, cycleOf(order));
  await announceRaffle(
    db,
    { publish: async (...said) => listen(...said), publishVolatile: listen, isOnline: () => true },
    { id: groupId, name: groupId },
  );
  return heard;
};

/** All that these people can see, without what is random anyway. */
const seenBy = async (db: Database, spies: readonly string[]) =>
  Promise.all(
    spies.map(async (spy) => ({
      conversations: (await listConversations(db, spy))
        .map((conversation) => ({ ...conversation, id: 'random' }))
        .toSorted((a, b) => (`${a.groupId} ${a.role}` < `${b.groupId} ${b.role}` ? -1 : 1)),
      groups: (await listGroups(db, spy)).map((group) => ({ ...group, drawnAt: group.drawnAt !== null })),
      invitations: await listInvitations(db, spy),
      watched: await watchedBy(db, spy),
    })),
  );

describe('a second draw with a suspect and a puppet', () => {
  it.each(SECOND_GROUPS)(
    'with %s is as likely to be each cycle, whatever the draw of the office was (I14)',
    async (_, second) => {
      const db = await databaseOf({ office: OFFICE, second });
      for (const office of everyCycle(OFFICE)) {
        const counts = new Map<string, number>();
        for (const row of everyRow(second)) {
          await undraw(db);
          await storeDraw(db, 'office', cycleOf(office));
          await drawRaffle(db, 'R', 'second', scripted(row));
          const key = await drawOf(db, 'second');
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        expect(counts.size).toBe(factorial(second.length - 1));
        expect(new Set(counts.values())).toEqual(new Set([second.length]));
      }
    },
  );

  it.each(SPIES)(
    'leaves R with the same guess as before: %s, counted over all draws (I14)',
    async (_, spies, others) => {
      const db = await databaseOf({ office: OFFICE, ...others });
      /** By all that they see: who is R's Secret Santa in the office, and in how many of the worlds that look so. */
      const worlds = new Map<string, Map<string, number>>();
      const rest = Object.entries(others).reduce<Record<string, string[]>[]>(
        (draws, [id, members]) =>
          draws.flatMap((draw) => everyCycle(members).map((order) => ({ ...draw, [id]: order }))),
        [{}],
      );
      for (const office of everyCycle(OFFICE)) {
        for (const draws of rest) {
          await undraw(db);
          const heard: string[] = [];
          for (const [id, order] of Object.entries({ office, ...draws }))
            heard.push(...(await drawAndListen(db, id, order, spies)));
          const view = JSON.stringify([heard, await seenBy(db, spies)]);
          const santas = worlds.get(view) ?? new Map<string, number>();
          const santa = cycleOf(office).find(({ recipientId }) => recipientId === 'R')?.giverId ?? '';
          worlds.set(view, santas.set(santa, (santas.get(santa) ?? 0) + 1));
        }
      }
      // In a cycle of four, one who knows their recipient is left with two people, each equally likely.
      for (const santas of worlds.values()) {
        expect(santas.size).toBe(2);
        expect(new Set(santas.values()).size).toBe(1);
      }
      // They did see something: at least whom R gives to in the office.
      expect(worlds.size).toBeGreaterThanOrEqual(3);
    },
  );
});
