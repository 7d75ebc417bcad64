/** RednGift's HTTP API, one function a call, as app/contract/http-api.ts lists them. */
import * as v from 'valibot';
import {
  ChatMessage,
  Conversation,
  GROUPS_PAGE_COUNT,
  Group,
  Invitation,
  type NewGroup,
  type NewInvitation,
  Session,
  type SignIn,
  type SignUp,
  Ticket,
  User,
} from '../../../contract/http-api.ts';
import { IMAGE_TYPES } from '../../../contract/image-frame.ts';
import { ApiFailure, callFor, callForBlob, callForNothing } from './http.ts';

const at = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`;

export const signUp = (body: SignUp) =>
  callFor(Session, { method: 'POST', path: at('users'), body, token: null });
export const signIn = (body: SignIn) =>
  callFor(Session, { method: 'POST', path: at('session'), body, token: null });
export const fetchSession = (signal: AbortSignal) => callFor(User, { path: at('session'), signal });
/** Revokes this token; it is passed because the stored one is gone by then. */
export const revokeSession = (token: string) =>
  callForNothing({ method: 'DELETE', path: at('session'), token });

/** Revokes every token of this person, on every device. */
export const revokeAllSessions = (token: string) =>
  callForNothing({ method: 'DELETE', path: at('sessions'), token });
/** What the next socket is dialled with, once. */
export const requestTicket = (signal: AbortSignal) =>
  callFor(Ticket, { method: 'POST', path: at('ticket'), signal });

/** All groups, page by page. */
export const fetchGroups = async (): Promise<Group[]> => {
  const groups: Group[] = [];
  for (;;) {
    const last = groups.at(-1);
    const query = last === undefined ? '' : `?after=${encodeURIComponent(last.id)}`;
    const page = await callFor(v.array(Group), { path: `${at('groups')}${query}` });
    groups.push(...page);
    if (page.length < GROUPS_PAGE_COUNT) return groups;
  }
};
export const fetchGroup = (id: string) => callFor(Group, { path: at('groups', id) });
export const createGroup = (body: NewGroup) => callFor(Group, { method: 'POST', path: at('groups'), body });
export const invite = (groupId: string, body: NewInvitation) =>
  callFor(Invitation, { method: 'POST', path: at('groups', groupId, 'invitations'), body });
export const drawNames = (groupId: string) =>
  callFor(Group, { method: 'POST', path: at('groups', groupId, 'raffle') });

export const fetchInvitations = () => callFor(v.array(Invitation), { path: at('invitations') });
export const acceptInvitation = (id: string) =>
  callFor(Group, { method: 'POST', path: at('invitations', id, 'accept') });
export const declineInvitation = (id: string) =>
  callForNothing({ method: 'POST', path: at('invitations', id, 'decline') });

export const fetchConversations = () => callFor(v.array(Conversation), { path: at('conversations') });
/** The last page of a conversation, or the one before a message. */
export const fetchMessages = (conversationId: string, before?: string) =>
  callFor(v.array(ChatMessage), {
    path: `${at('conversations', conversationId, 'messages')}${before === undefined ? '' : `?before=${encodeURIComponent(before)}`}`,
  });
export const markRead = (conversationId: string) =>
  callForNothing({ method: 'POST', path: at('conversations', conversationId, 'read') });

/** The bytes of an image. An `<img>` cannot send the Authorization header, hence a blob. */
export const fetchImage = async (imageId: string, signal: AbortSignal): Promise<Blob> => {
  const blob = await callForBlob({ path: at('images', imageId), signal });
  if (IMAGE_TYPES.some((type) => type === blob.type)) return blob;
  throw new ApiFailure(200, 'This picture cannot be shown.');
};
