import type {
  ChatMessage,
  Conversation,
  Group,
  Invitation,
  Session,
} from '../../../../app/contract/http-api.ts';

/** One HTTP call as the server saw it. */
export interface SeenCall {
  readonly call: string;
  readonly body: unknown;
  readonly token: string | null;
}

type Route = (seen: SeenCall) => Response | Promise<Response>;

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
export const nothing = (): Response => new Response(null, { status: 204 });
export const refusal = (status: number, message: string): Response =>
  json({ error: 'refused', message }, status);

export const ADA = { id: 'ada', name: 'Ada', email: 'ada@demo.test' };
export const TOKEN = 'token-of-ada';
export const SESSION: Session = { accessToken: TOKEN, expiresAt: 2_000_000_000_000, user: ADA };

export const aGroup = (over: Partial<Group> = {}): Group => ({
  id: 'office',
  name: 'Office party',
  ownerId: 'ada',
  members: [
    { userId: 'ada', name: 'Ada' },
    { userId: 'ben', name: 'Ben' },
  ],
  invited: [],
  drawnAt: null,
  ...over,
});
export const anInvitation = (over: Partial<Invitation> = {}): Invitation => ({
  id: 'invitation-1',
  groupId: 'club',
  groupName: 'Book club',
  invitedBy: 'Cleo',
  ...over,
});
/** The chat in which Ada gives to Ben. */
export const WITH_BEN: Conversation = {
  id: 'with-ben',
  groupId: 'office',
  groupName: 'Office party',
  role: 'giver',
  title: 'Ben',
  partnerId: 'ben',
  unreadCount: 0,
  lastMessage: null,
};
/** The chat in which somebody gives to Ada. */
export const WITH_SANTA: Conversation = {
  ...WITH_BEN,
  id: 'with-santa',
  role: 'recipient',
  title: 'Your Secret Santa',
  partnerId: null,
};
export const aMessage = (over: Partial<ChatMessage> = {}): ChatMessage => ({
  id: 'message-1',
  conversationId: WITH_BEN.id,
  mine: false,
  text: 'Hello',
  imageId: null,
  sentAt: 1_800_000_000_000,
  key: null,
  ...over,
});

/** The edge of the page's network: a `fetch` that answers from a table of routes, and remembers what was asked. */
export const createFakeApi = () => {
  const calls: SeenCall[] = [];
  const routes = new Map<string, Route>([
    ['POST /api/session', () => json(SESSION)],
    ['POST /api/users', () => json(SESSION, 201)],
    ['GET /api/session', () => json(ADA)],
    ['DELETE /api/session', nothing],
    ['DELETE /api/sessions', nothing],
    ['POST /api/ticket', ({ token }) => json({ ticket: `ticket-for-${token}`, expiresInMs: 30_000 }, 201)],
    ['GET /api/groups', () => json([aGroup()])],
    ['GET /api/groups/office', () => json(aGroup())],
    ['GET /api/invitations', () => json([])],
    ['GET /api/conversations', () => json([WITH_BEN, WITH_SANTA])],
    ['GET /api/conversations/with-ben/messages', () => json([])],
    ['GET /api/conversations/with-santa/messages', () => json([])],
    ['POST /api/conversations/with-ben/read', nothing],
    ['POST /api/conversations/with-santa/read', nothing],
  ]);
  return {
    calls,
    /** Answers a call from now on, for example `on('GET /api/groups', () => json([]))`. */
    on(call: string, route: Route): void {
      routes.set(call, route);
    },
    times: (call: string): number => calls.filter((seen) => seen.call === call).length,
    async fetch(path: string, init: RequestInit): Promise<Response> {
      const authorization = new Headers(init.headers).get('Authorization');
      const seen: SeenCall = {
        call: `${init.method} ${path}`,
        body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
        token: authorization?.replace('Bearer ', '') ?? null,
      };
      calls.push(seen);
      const answer = await (routes.get(seen.call)?.(seen) ?? refusal(404, `There is no ${seen.call}.`));
      init.signal?.throwIfAborted();
      return answer;
    },
  };
};
