import { createAsyncThunk, createSlice, type Draft, type PayloadAction } from '@reduxjs/toolkit';
import { type ChatMessage, type Conversation, MESSAGES_PAGE_COUNT } from '../../../contract/http-api.ts';
import * as api from '../api/redngift-api.ts';
import { byId } from './by-id.ts';
import type { LoadState } from './load-state.ts';
import { mergeMessages } from './merge-messages.ts';
import { sessionEnded } from './session-ended.ts';

export interface ChatState {
  /** Newest first. */
  readonly conversations: readonly Conversation[];
  readonly conversationsLoad: LoadState;
  /** Per conversation, oldest first. */
  readonly messages: Record<string, readonly ChatMessage[]>;
  readonly messagesLoad: Record<string, LoadState>;
  /** Of conversations with messages that come before the first one here: whether these are being loaded. */
  readonly earlierLoad: Record<string, LoadState>;
  /** The conversation on the screen, and whether the page is visible; null: none. */
  readonly onScreen: { readonly conversationId: string; readonly visible: boolean } | null;
  /** What was typed and not sent yet, per conversation. */
  readonly drafts: Record<string, string>;
}

const initialState = (): ChatState => ({
  conversations: [],
  conversationsLoad: 'unloaded',
  messages: byId(),
  messagesLoad: byId(),
  earlierLoad: byId(),
  onScreen: null,
  drafts: byId(),
});

export const fetchConversations = createAsyncThunk('chat/fetchConversations', () => api.fetchConversations());
export const fetchMessages = createAsyncThunk('chat/fetchMessages', (conversationId: string) =>
  api.fetchMessages(conversationId),
);
/** The page before the first message that is here. */
export const fetchEarlierMessages = createAsyncThunk(
  'chat/fetchEarlierMessages',
  ({ conversationId, before }: { conversationId: string; before: string }) =>
    api.fetchMessages(conversationId, before),
);
export const markRead = createAsyncThunk('chat/markRead', (conversationId: string) =>
  api.markRead(conversationId),
);

/** Whether a person is looking at this conversation right now. */
const isSeen = ({ onScreen }: ChatState, conversationId: string): boolean =>
  onScreen?.conversationId === conversationId && onScreen.visible;

const newestFirst = (conversations: readonly Conversation[]): Conversation[] =>
  conversations.toSorted((a, b) => (b.lastMessage?.sentAt ?? 0) - (a.lastMessage?.sentAt ?? 0));

/** A page that is full may have another one before it. */
const noteEarlier = (state: Draft<ChatState>, conversationId: string, page: readonly ChatMessage[]) => {
  if (page.length >= MESSAGES_PAGE_COUNT) state.earlierLoad[conversationId] = 'unloaded';
  else delete state.earlierLoad[conversationId];
};

/** Whether a message came after the last one that a conversation knows, and so is not in its unread count yet. */
const isNews = (message: ChatMessage, last: ChatMessage | null): boolean =>
  last === null || (message.id !== last.id && message.sentAt >= last.sentAt);

/** The conversation after these messages of it: its last message, and how many nobody has seen. */
const afterMessages = (
  conversation: Conversation,
  added: readonly ChatMessage[],
  seen: boolean,
): Conversation => {
  const lastMessage = mergeMessages(
    conversation.lastMessage === null ? [] : [conversation.lastMessage],
    added,
  ).at(-1);
  const news = added.filter((message) => !message.mine && isNews(message, conversation.lastMessage));
  return {
    ...conversation,
    lastMessage: lastMessage ?? null,
    unreadCount: seen ? 0 : conversation.unreadCount + news.length,
  };
};

export const chatSlice = createSlice({
  name: 'chat',
  initialState,
  reducers: {
    /** Adds one message or many. A message that is there already changes nothing, unread counts included. */
    addChatMessage(state, { payload }: PayloadAction<ChatMessage | readonly ChatMessage[]>) {
      const messages = [payload].flat();
      for (const conversationId of new Set(messages.map((message) => message.conversationId))) {
        const known = state.messages[conversationId] ?? [];
        const knownIds = new Set(known.map(({ id }) => id));
        const added = messages.filter(
          (message) => message.conversationId === conversationId && !knownIds.has(message.id),
        );
        if (added.length === 0) continue;
        const merged = mergeMessages(known, added);
        // What was let go can be asked for again.
        if (merged.length < known.length + added.length) state.earlierLoad[conversationId] ??= 'unloaded';
        state.messages[conversationId] = merged;
        state.conversations = newestFirst(
          state.conversations.map((conversation) =>
            conversation.id === conversationId
              ? afterMessages(conversation, added, isSeen(state, conversationId))
              : conversation,
          ),
        );
      }
    },
    /** A conversation came on the screen, or the page with it was hidden or shown. Seen means read. */
    conversationOpened(state, { payload }: PayloadAction<{ conversationId: string; visible: boolean }>) {
      state.onScreen = payload;
      for (const conversation of state.conversations) {
        if (isSeen(state, conversation.id)) conversation.unreadCount = 0;
      }
    },
    /** Messages were missed for good: pages that are not on the screen may have holes now, and are loaded when they are opened. */
    messagesMissed(state) {
      for (const conversationId of Object.keys(state.messages)) {
        if (conversationId === state.onScreen?.conversationId) continue;
        delete state.messages[conversationId];
        delete state.messagesLoad[conversationId];
        delete state.earlierLoad[conversationId];
      }
    },
    conversationClosed(state) {
      state.onScreen = null;
    },
    draftChanged(state, { payload }: PayloadAction<{ conversationId: string; text: string }>) {
      state.drafts[payload.conversationId] = payload.text;
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(fetchConversations.pending, (state) => {
        if (state.conversationsLoad !== 'loaded') state.conversationsLoad = 'loading';
      })
      .addCase(fetchConversations.rejected, (state) => {
        if (state.conversationsLoad !== 'loaded') state.conversationsLoad = 'failed';
      })
      .addCase(fetchConversations.fulfilled, (state, { payload }) => {
        state.conversationsLoad = 'loaded';
        // A message that came while the response was on its way is newer than the response.
        const overtaken = new Map(
          state.conversations.map(({ id, lastMessage, unreadCount }) => [id, { lastMessage, unreadCount }]),
        );
        state.conversations = newestFirst(
          payload.map((answered) => {
            const known = overtaken.get(answered.id);
            const conversation =
              known?.lastMessage != null && isNews(known.lastMessage, answered.lastMessage)
                ? { ...answered, ...known }
                : answered;
            return isSeen(state, conversation.id) ? { ...conversation, unreadCount: 0 } : conversation;
          }),
        );
      })
      .addCase(fetchMessages.pending, (state, { meta }) => {
        if (state.messagesLoad[meta.arg] !== 'loaded') state.messagesLoad[meta.arg] = 'loading';
      })
      .addCase(fetchMessages.rejected, (state, { meta }) => {
        if (state.messagesLoad[meta.arg] !== 'loaded') state.messagesLoad[meta.arg] = 'failed';
      })
      .addCase(fetchMessages.fulfilled, (state, { meta, payload }) => {
        state.messagesLoad[meta.arg] = 'loaded';
        // What lies before the oldest answered message may have a hole behind it, so it goes.
        const from = payload[0]?.sentAt ?? 0;
        const known = (state.messages[meta.arg] ?? []).filter(({ sentAt }) => sentAt >= from);
        state.messages[meta.arg] = mergeMessages(known, payload);
        noteEarlier(state, meta.arg, payload);
      })
      .addCase(fetchEarlierMessages.pending, (state, { meta }) => {
        state.earlierLoad[meta.arg.conversationId] = 'loading';
      })
      .addCase(fetchEarlierMessages.rejected, (state, { meta }) => {
        state.earlierLoad[meta.arg.conversationId] = 'failed';
      })
      .addCase(fetchEarlierMessages.fulfilled, (state, { meta, payload }) => {
        const { conversationId, before } = meta.arg;
        const known = state.messages[conversationId] ?? [];
        // The list begins elsewhere by now, as after a reload: there would be a hole in between.
        if (known[0]?.id !== before) state.earlierLoad[conversationId] = 'unloaded';
        else {
          state.messages[conversationId] = mergeMessages(payload, known, Number.POSITIVE_INFINITY);
          noteEarlier(state, conversationId, payload);
        }
      })
      .addCase(sessionEnded, initialState),
});

export const { addChatMessage, conversationOpened, conversationClosed, draftChanged, messagesMissed } =
  chatSlice.actions;
