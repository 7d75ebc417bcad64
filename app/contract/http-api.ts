/**
 * RednGift's HTTP API as both halves see it: one schema per response and per request body.
 * Every call but sign-in and sign-up carries `Authorization: Bearer {accessToken}`.
 *
 * | call | body | response |
 * |---|---|---|
 * | POST /api/users | SignUp | 201 Session |
 * | POST /api/session | SignIn | 200 Session |
 * | GET /api/session | | 200 User |
 * | DELETE /api/session | | 204; the token is revoked and its sockets close |
 * | DELETE /api/sessions | | 204; every token of the caller is revoked and every socket closes |
 * | POST /api/ticket | | 201 Ticket, for one socket at /connect/{ticket}/ |
 * | GET /api/groups?after=:id | | 200 Group[], the oldest first, {@link GROUPS_PAGE_COUNT} after that one |
 * | POST /api/groups | NewGroup | 201 Group |
 * | GET /api/groups/:id | | 200 Group |
 * | POST /api/groups/:id/invitations | NewInvitation | 201 Invitation |
 * | POST /api/groups/:id/raffle | | 200 Group; a second call changes nothing |
 * | GET /api/invitations | | 200 Invitation[], the open ones of the caller |
 * | POST /api/invitations/:id/accept | | 200 Group |
 * | POST /api/invitations/:id/decline | | 204 |
 * | GET /api/conversations | | 200 Conversation[] |
 * | GET /api/conversations/:id/messages?before=:id | | 200 ChatMessage[], oldest first, the last {@link MESSAGES_PAGE_COUNT} before that one |
 * | POST /api/conversations/:id/read | | 204; its unread count is 0 |
 * | GET /api/images/:id | | 200, the bytes |
 *
 * Errors have the status 400, 401, 403, 404, 409, 413, 429, 500 or 503 with {@link ApiError}; 429 and 503 with Retry-After.
 */
import * as v from 'valibot';
import { name, personName } from './names.ts';

/** Groups of one page: a page with fewer is the last. */
export const GROUPS_PAGE_COUNT = 20;
/** Messages of one page: a page with fewer is the first of the conversation. */
export const MESSAGES_PAGE_COUNT = 100;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const email = v.pipe(
  v.string(),
  v.trim(),
  v.toLowerCase(),
  v.maxLength(200),
  v.email('Please enter an e-mail address.'),
);

export const SignIn = v.object({ email, password: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) });
export const SignUp = v.object({
  name: personName,
  email,
  password: v.pipe(v.string(), v.minLength(8, 'The password needs at least 8 characters.'), v.maxLength(200)),
});
export const NewGroup = v.object({ name });
export const NewInvitation = v.object({ email });

export const User = v.object({ id, name: v.string(), email: v.string() });
export const Session = v.object({
  accessToken: v.string(),
  /** Epoch ms. */
  expiresAt: v.number(),
  user: User,
});
/** What one socket is dialled with, once, instead of the token: URLs are logged. */
export const Ticket = v.object({ ticket: v.string(), expiresInMs: v.number() });
export const Group = v.object({
  id,
  name: v.string(),
  ownerId: id,
  members: v.array(v.object({ userId: id, name: v.string() })),
  /** E-mail addresses invited and not yet answered; only the owner sees them, others get an empty list. */
  invited: v.array(v.string()),
  /** Epoch ms of the raffle, or null before it. */
  drawnAt: v.nullable(v.number()),
});
export const Invitation = v.object({ id, groupId: id, groupName: v.string(), invitedBy: v.string() });
export const ChatMessage = v.object({
  id,
  conversationId: id,
  mine: v.boolean(),
  text: v.nullable(v.string()),
  imageId: v.nullable(v.string()),
  /** Epoch ms. */
  sentAt: v.number(),
  /** The uuid its sender chose; only the sender sees it. */
  key: v.nullable(v.string()),
});
export const Conversation = v.object({
  id,
  groupId: id,
  groupName: v.string(),
  /** The caller's part in it: `giver` knows the partner, `recipient` does not. */
  role: v.picklist(['giver', 'recipient']),
  /** The recipient's name for the giver; "Your Secret Santa" for the recipient. */
  title: v.string(),
  /** The recipient's user id for the giver; always null for the recipient. */
  partnerId: v.nullable(id),
  /** At most 1,000. */
  unreadCount: v.number(),
  lastMessage: v.nullable(ChatMessage),
});
export const ApiError = v.object({ error: v.string(), message: v.string() });

export type SignIn = v.InferOutput<typeof SignIn>;
export type SignUp = v.InferOutput<typeof SignUp>;
export type NewGroup = v.InferOutput<typeof NewGroup>;
export type NewInvitation = v.InferOutput<typeof NewInvitation>;
export type User = v.InferOutput<typeof User>;
export type Session = v.InferOutput<typeof Session>;
export type Ticket = v.InferOutput<typeof Ticket>;
export type Group = v.InferOutput<typeof Group>;
export type Invitation = v.InferOutput<typeof Invitation>;
export type ChatMessage = v.InferOutput<typeof ChatMessage>;
export type Conversation = v.InferOutput<typeof Conversation>;
export type ApiError = v.InferOutput<typeof ApiError>;
