import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** What databases call differently in the statements that make the tables. */
export interface Words {
  /** Epoch ms. */
  readonly time: string;
  readonly count: string;
  readonly bytes: string;
  /** The key of rows that are numbered in the order in which they are made. */
  readonly position: string;
  /** A table that a crash may empty. */
  readonly fleeting: string;
}

type Step = (words: Words) => readonly string[];

/**
 * The steps from an empty database to today's tables, in order, for SQLite and Postgres alike. A step that was released never
 * changes what it makes: a change of the tables is a new step at the end.
 */
const MIGRATIONS: readonly Step[] = [
  ({ time, count, bytes, position }) => [
    `create table users (
      id text primary key, name text not null, email text not null unique,
      "passwordHash" text not null, "createdAt" ${time} not null)`,
    `create table sessions (
      "tokenHash" text primary key, "userId" text not null references users(id), "expiresAt" ${time} not null)`,
    'create index "sessionsOfUser" on sessions("userId")',
    `create table groups (
      id text primary key, name text not null, "ownerId" text not null references users(id),
      "createdAt" ${time} not null, "drawnAt" ${time})`,
    `create table members (
      "groupId" text not null references groups(id), "userId" text not null references users(id),
      "joinedAt" ${time} not null, primary key ("groupId", "userId"))`,
    'create index "membershipsOfUser" on members("userId")',
    `create table invitations (
      id text primary key, "groupId" text not null references groups(id), email text not null,
      "invitedBy" text not null references users(id),
      state text not null check (state in ('open', 'accepted', 'declined', 'closed')), "createdAt" ${time} not null)`,
    `create unique index "oneOpenInvitation" on invitations("groupId", email) where state = 'open'`,
    'create index "invitationsOfAddress" on invitations(email)',
    `create table conversations (
      id text primary key, "groupId" text not null references groups(id),
      "giverId" text not null references users(id), "recipientId" text not null references users(id),
      "giverReadTo" ${count} not null default 0, "recipientReadTo" ${count} not null default 0,
      unique ("groupId", "giverId"), unique ("groupId", "recipientId"), check ("giverId" <> "recipientId"))`,
    'create index "conversationsOfGiver" on conversations("giverId")',
    'create index "conversationsOfRecipient" on conversations("recipientId")',
    `create table images (
      id text primary key, "conversationId" text not null references conversations(id),
      mime text not null, bytes ${bytes} not null)`,
    `create table messages (
      "position" ${position}, id text not null unique,
      "conversationId" text not null references conversations(id), "senderId" text not null references users(id),
      key text not null, text text, "imageId" text references images(id),
      "sentAt" ${time} not null, "announcedAt" ${time}, unique ("senderId", key))`,
    'create index "messagesOfConversation" on messages("conversationId", "position")',
  ],
  // The gateway knows by its marks what was announced.
  () => ['alter table messages drop column "announcedAt"'],
  // For the limits of what one person may do.
  () => [
    'create index "invitationsOfSender" on invitations("invitedBy", "createdAt")',
    'create index "invitationsOfGroup" on invitations("groupId", email)',
    'create index "groupsOfOwner" on groups("ownerId", "createdAt")',
  ],
  // What is to be told, where the engine cannot store it together with the rows that it is about.
  ({ time, position }) => [
    `create table announcements (
      "position" ${position}, id text not null unique, "userIds" text not null, message text not null,
      "createdAt" ${time} not null)`,
  ],
  // What servers of one database have in common. One that is alone has it in memory.
  ({ time, count, fleeting }) => [
    `create ${fleeting} tickets ("ticketHash" text primary key, session text not null, "endsAt" ${time} not null)`,
    'create index "ticketsOfSession" on tickets(session)',
    'create index "ticketsByEnd" on tickets("endsAt")',
    `create ${fleeting} tallies (name text primary key, count ${count} not null, "endsAt" ${time} not null)`,
    'create index "talliesByEnd" on tallies("endsAt")',
  ],
];

/** How far a database has come. */
export interface Progress {
  readonly words: Words;
  /** How many steps are done. Nobody else takes any until the transaction ends. */
  read(transaction: Kysely<Schema>): Promise<number>;
  write(transaction: Kysely<Schema>, stepCount: number): Promise<void>;
}

/** Brings the tables up to date, each step in one transaction. The database remembers how far it has come. */
export const migrate = async (db: Kysely<Schema>, progress: Progress): Promise<void> => {
  for (const [index, step] of MIGRATIONS.entries())
    await db.transaction().execute(async (transaction) => {
      if ((await progress.read(transaction)) > index) return;
      for (const statement of step(progress.words)) await sql.raw(statement).execute(transaction);
      await progress.write(transaction, index + 1);
    });
};
