import { describe, expect, it } from 'vitest';
import {
  addChatMessage,
  chatSlice,
  conversationOpened,
  fetchConversations,
  fetchMessages,
} from '../../../app/web/src/store/chat-slice.ts';
import { fetchOneGroup, groupsSlice } from '../../../app/web/src/store/groups-slice.ts';
import { KEPT_MESSAGES_COUNT, mergeMessages } from '../../../app/web/src/store/merge-messages.ts';
import { presenceSlice, updateUserPresence } from '../../../app/web/src/store/presence-slice.ts';
import { createStore } from '../../../app/web/src/store/store.ts';
import { setUserTyping } from '../../../app/web/src/store/typing-slice.ts';
import { aGroup, aMessage, WITH_BEN } from './support/fake-api.ts';

const start = chatSlice.reducer(undefined, { type: 'start' });
const known = chatSlice.reducer(start, fetchConversations.fulfilled([WITH_BEN], 'request'));

describe('addChatMessage', () => {
  it('adds one message or many', () => {
    const one = chatSlice.reducer(known, addChatMessage(aMessage()));
    const many = chatSlice.reducer(
      one,
      addChatMessage([aMessage({ id: 'old', sentAt: 1 }), aMessage({ id: 'b' }), aMessage({ id: 'c' })]),
    );
    expect(many.messages['with-ben']?.map(({ id }) => id)).toEqual(['old', 'message-1', 'b', 'c']);
    expect(many.conversations[0]).toMatchObject({ unreadCount: 3, lastMessage: { id: 'c' } });
  });

  it('counts a message once that the answer of the server has counted already', () => {
    const last = aMessage({ id: 'counted' });
    const answered = chatSlice.reducer(
      start,
      fetchConversations.fulfilled([{ ...WITH_BEN, unreadCount: 1, lastMessage: last }], 'request'),
    );
    const arrived = chatSlice.reducer(answered, addChatMessage([aMessage({ id: 'older', sentAt: 1 }), last]));
    expect(arrived.conversations[0]).toMatchObject({ unreadCount: 1, lastMessage: { id: 'counted' } });
  });

  it('keeps a message that overtook an answer of the server, and its count', () => {
    const arrived = chatSlice.reducer(known, addChatMessage(aMessage()));
    const answered = chatSlice.reducer(arrived, fetchConversations.fulfilled([WITH_BEN], 'request'));
    expect(answered.conversations[0]).toMatchObject({ unreadCount: 1, lastMessage: { id: 'message-1' } });
  });

  it('applies a message at most once, unread counts included (I4)', () => {
    const once = chatSlice.reducer(known, addChatMessage(aMessage()));
    const twice = chatSlice.reducer(once, addChatMessage([aMessage(), aMessage()]));
    expect(twice).toEqual(once);
  });

  it('counts nothing as unread that is on the screen', () => {
    const open = chatSlice.reducer(known, conversationOpened({ conversationId: 'with-ben', visible: true }));
    expect(chatSlice.reducer(open, addChatMessage(aMessage())).conversations[0]?.unreadCount).toBe(0);
    const hidden = chatSlice.reducer(
      open,
      conversationOpened({ conversationId: 'with-ben', visible: false }),
    );
    expect(chatSlice.reducer(hidden, addChatMessage(aMessage())).conversations[0]?.unreadCount).toBe(1);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'takes %s for an id like any other (I16)',
    (conversationId) => {
      const state = chatSlice.reducer(known, addChatMessage(aMessage({ conversationId })));
      expect(state.messages[conversationId]).toHaveLength(1);
      expect(Object.keys(state.messages)).toEqual([conversationId]);
      expect(Object.getPrototypeOf(state.messages)).toBeNull();
      const presence = presenceSlice.reducer(
        undefined,
        updateUserPresence({ userId: conversationId, online: true }),
      );
      expect(presence[conversationId]).toEqual({ online: true });
      expect(({} as Record<string, unknown>).online).toBeUndefined();
    },
  );
});

describe('mergeMessages', () => {
  it('keeps messages of one millisecond in the order they came, and the newest of a long chat', () => {
    const messages = Array.from({ length: KEPT_MESSAGES_COUNT + 2 }, (_, index) =>
      aMessage({ id: `m${index}` }),
    );
    const merged = mergeMessages(messages.slice(0, 2), messages.slice(2));
    expect(merged).toHaveLength(KEPT_MESSAGES_COUNT);
    expect(merged.at(0)?.id).toBe('m2');
    expect(merged.at(-1)?.id).toBe(`m${KEPT_MESSAGES_COUNT + 1}`);
  });
});

describe('fetchMessages', () => {
  it('keeps what came over the socket meanwhile, and drops what a hole may follow', () => {
    const old = aMessage({ id: 'old', sentAt: 1 });
    const live = aMessage({ id: 'live', sentAt: 30 });
    const before = chatSlice.reducer(known, addChatMessage([old, live]));
    const answer = [aMessage({ id: 'a', sentAt: 10 }), aMessage({ id: 'b', sentAt: 20 })];
    const after = chatSlice.reducer(before, fetchMessages.fulfilled(answer, 'request', 'with-ben'));
    expect(after.messages['with-ben']?.map(({ id }) => id)).toEqual(['a', 'b', 'live']);
  });
});

describe('the store', () => {
  it('has updateUserPresence at state.presence[userId].online, and typing per conversation', () => {
    const store = createStore();
    store.dispatch(updateUserPresence({ userId: 'ben', online: true }));
    store.dispatch(setUserTyping({ conversationId: 'c', isTyping: true }));
    expect(store.getState().presence.ben?.online).toBe(true);
    expect(Object.keys(store.getState().typing)).toEqual(['c']);
    store.dispatch(setUserTyping({ conversationId: 'c', isTyping: false }));
    expect(store.getState().typing).toEqual({});
  });

  it('puts one fetched group in the place of the one it knew', () => {
    const fulfilled = (name: string) => fetchOneGroup.fulfilled(aGroup({ name }), 'request', 'office');
    const first = groupsSlice.reducer(undefined, fulfilled('Office'));
    expect(groupsSlice.reducer(first, fulfilled('Office party')).groups.map(({ name }) => name)).toEqual([
      'Office party',
    ]);
  });
});
