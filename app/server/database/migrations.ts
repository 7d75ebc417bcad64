import { type Kysely, sql } from 'kysely';

/**
 * The steps from an empty file to today's tables, in order. A step that was released never changes: a change of the
 * tables is a new step at the end.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table users (
      id text primary key, name text not null, email text not null unique,
      passwordHash text not null, createdAt integer not null)`,
    `create table sessions (
      tokenHash text primary key, userId text not null references users(id), expiresAt integer not null)`,
    'create index sessionsOfUser on sessions(userId)',
    `create table groups (
      id text primary key, name text not null, ownerId text not null references users(id),
      createdAt integer not null, drawnAt integer)`,
    `create table members (
      groupId text not null references groups(id), userId text not null references users(id),
      joinedAt integer not null, primary key (groupId, userId))`,
    'create index membershipsOfUser on members(userId)',
    `create table invitations (
      id text primary key, groupId text not null references groups(id), email text not null,
      invitedBy text not null references users(id),
      state text not null check (state in ('open', 'accepted', 'declined', 'closed')), createdAt integer not null)`,
    `create unique index oneOpenInvitation on invitations(groupId, email) where state = 'open'`,
    'create index invitationsOfAddress on invitations(email)',
    `create table conversations (
      id text primary key, groupId text not null references groups(id),
      giverId text not null references users(id), recipientId text not null references users(id),
      giverReadTo integer not null default 0, recipientReadTo integer not null default 0,
      unique (groupId, giverId), unique (groupId, recipientId), check (giverId <> recipientId))`,
    'create index conversationsOfGiver on conversations(giverId)',
    'create index conversationsOfRecipient on conversations(recipientId)',
    `create table images (
      id text primary key, conversationId text not null references conversations(id),
      mime text not null, bytes blob not null)`,
    `create table messages (
      position integer primary key autoincrement, id text not null unique,
      conversationId text not null references conversations(id), senderId text not null references users(id),
      key text not null, text text, imageId text references images(id),
      sentAt integer not null, announcedAt integer, unique (senderId, key))`,
    'create index messagesOfConversation on messages(conversationId, position)',
  ],
  // The gateway knows by its marks what was announced.
  ['alter table messages drop column announcedAt'],
  // For the limits of what one person may do.
  [
    'create index invitationsOfSender on invitations(invitedBy, createdAt)',
    'create index invitationsOfGroup on invitations(groupId, email)',
    'create index groupsOfOwner on groups(ownerId, createdAt)',
  ],
];

/** Brings the tables up to date, each step in one transaction. The file remembers how far it has come. */
export const migrate = async <Tables>(db: Kysely<Tables>): Promise<void> => {
  const { rows } = await sql<{ user_version: number }>`pragma user_version`.execute(db);
  const done = rows[0]?.user_version ?? 0;
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < done) continue;
    await db.transaction().execute(async (transaction) => {
      for (const statement of statements) await sql.raw(statement).execute(transaction);
      await sql.raw(`pragma user_version = ${index + 1}`).execute(transaction);
    });
  }
};
