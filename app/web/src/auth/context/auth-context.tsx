import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { toast } from 'react-toastify';
import type { Session, SignIn, SignUp, User } from '../../../../contract/http-api.ts';
import { ApiFailure, abandonCalls, onTokenRefused } from '../../api/http.ts';
import * as api from '../../api/redngift-api.ts';
import { describeUnsent, unsentCount } from '../../chat/outgoing-message.ts';
import { receivedImages } from '../../chat/received-images.ts';
import { WebSocketClient } from '../../services/handlers/websocket/WebSocketClient.ts';
import { isSessionRefused } from '../../shell/words-of-end.ts';
import { draftChanged } from '../../store/chat-slice.ts';
import { sessionEnded } from '../../store/session-ended.ts';
import { useAppStore } from '../../store/store.ts';
import {
  ACCESS_TOKEN_KEY,
  forgetRefusedToken,
  readAccessToken,
  wasTokenRefused,
  writeAccessToken,
} from '../access-token.ts';

/**
 * - `loading`: there is a token, and the server is being asked whose it is.
 * - `unreachable`: it could not be asked.
 */
type AuthStatus = 'loading' | 'unreachable' | 'signedOut' | 'signedIn';

interface AuthState {
  readonly status: AuthStatus;
  readonly user: User | null;
  /** Signed out because the server refused the token, over HTTP or at the socket. What was not sent waits for this person's return. */
  readonly expired: boolean;
}

export interface Auth extends AuthState {
  readonly authenticated: boolean;
  /** @throws {ApiFailure} when the server refuses. */
  signIn(credentials: SignIn): Promise<void>;
  /** @throws {ApiFailure} when the server refuses. */
  signUp(account: SignUp): Promise<void>;
  /** Closes the connection for good, forgets everything of the user, and revokes the token. */
  logout(): void;
  /**
   * As `logout`, on every device: all tokens of this person are revoked. Rejects, and signs nobody out, where the
   * server does not do it.
   */
  logoutEverywhere(): Promise<void>;
  /** Asks the server again whose the token is. */
  resume(): void;
}

export const AuthContext = createContext<Auth | null>(null);

export const useAuth = (): Auth => {
  const auth = use(AuthContext);
  if (auth === null) throw new Error('useAuth needs an AuthProvider above it.');
  return auth;
};

const SIGNED_OUT: AuthState = { status: 'signedOut', user: null, expired: false };
const EXPIRED: AuthState = { ...SIGNED_OUT, expired: true };
const LOADING: AuthState = { status: 'loading', user: null, expired: false };
const UNREACHABLE: AuthState = { status: 'unreachable', user: null, expired: false };
const signedIn = (user: User): AuthState => ({ status: 'signedIn', user, expired: false });

const withoutToken = (): AuthState => (wasTokenRefused() ? EXPIRED : SIGNED_OUT);

/** What a person had typed when their session expired: shown to nobody else. */
interface KeptDrafts {
  readonly userId: string;
  readonly drafts: Readonly<Record<string, string>>;
}

/** Who is signed in on this page. Above the guard, so that it outlives what the guard unmounts. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const store = useAppStore();
  const keptDrafts = useRef<KeptDrafts | null>(null);
  const [state, setState] = useState<AuthState>(() =>
    readAccessToken() === null ? withoutToken() : LOADING,
  );
  const { status, user } = state;

  const endSession = useCallback(
    (keepsUnsent = false) => {
      const client = WebSocketClient.getInstance();
      const lostCount = keepsUnsent ? 0 : unsentCount(client.connection.outbox.entries);
      if (keepsUnsent && user !== null) {
        keptDrafts.current = { userId: user.id, drafts: store.getState().chat.drafts };
      }
      // First the connection: once the guard has unmounted the provider nobody else would log out.
      client.disconnect(!keepsUnsent);
      abandonCalls();
      receivedImages.clear();
      store.dispatch(sessionEnded());
      // Toasts name people; whoever signs in next need not know them.
      toast.dismiss();
      if (lostCount > 0) toast.info(`${describeUnsent(lostCount)} deleted.`);
      setState(withoutToken());
    },
    [store, user],
  );

  /** Ends a session that the server has ended: as a logout, but what waits to be sent or is half typed is kept for this person. */
  const endExpired = useCallback(() => {
    forgetRefusedToken();
    endSession(true);
  }, [endSession]);

  const enter = useCallback(
    (person: User) => {
      const { userId, drafts } = keptDrafts.current ?? { userId: null, drafts: {} };
      keptDrafts.current = null;
      if (userId === person.id) {
        for (const [conversationId, text] of Object.entries(drafts)) {
          store.dispatch(draftChanged({ conversationId, text }));
        }
      }
      setState(signedIn(person));
    },
    [store],
  );

  const begin = useCallback(
    (session: Session) => {
      writeAccessToken(session.accessToken);
      enter(session.user);
    },
    [enter],
  );

  const askWhoseToken = useCallback(
    async (signal: AbortSignal) => {
      try {
        enter(await api.fetchSession(signal));
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiFailure && error.status === 401) {
          endExpired();
        } else {
          setState(UNREACHABLE);
        }
      }
    },
    [enter, endExpired],
  );

  const loading = status === 'loading';
  useEffect(() => {
    if (!loading) return;
    const asking = new AbortController();
    askWhoseToken(asking.signal);
    return () => asking.abort();
  }, [loading, askWhoseToken]);

  useEffect(() => {
    if (status !== 'signedIn') return;
    const { connection } = WebSocketClient.getInstance();
    const stops = [
      onTokenRefused(endExpired),
      connection.subscribe(() => {
        if (isSessionRefused(connection.getSnapshot())) endExpired();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [status, endExpired]);

  useEffect(() => {
    // Another tab signed out, or in as somebody else: this page must not go on as two people at once.
    const follow = ({ key }: StorageEvent) => {
      if (key !== ACCESS_TOKEN_KEY && key !== null) return;
      const isSomebodyIn = readAccessToken() !== null;
      // Only a sign-out deletes what waits: whose token is new, or was refused, may be the same person.
      if (wasTokenRefused()) endExpired();
      else endSession(isSomebodyIn);
      if (isSomebodyIn) setState(LOADING);
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [endSession, endExpired]);

  const auth = useMemo<Auth>(
    () => ({
      ...state,
      authenticated: state.status === 'signedIn',
      signIn: async (credentials) => begin(await api.signIn(credentials)),
      signUp: async (account) => begin(await api.signUp(account)),
      logout() {
        const token = readAccessToken();
        writeAccessToken(null);
        endSession();
        if (token === null) return;
        api.revokeSession(token).catch((error: unknown) => {
          console.warn('The server was not told about the sign-out; the token expires by itself.', error);
        });
      },
      async logoutEverywhere() {
        const token = readAccessToken();
        // First the server: whoever fears for their account must hear that it did not work.
        if (token !== null) await api.revokeAllSessions(token);
        writeAccessToken(null);
        endSession();
      },
      resume: () => setState(LOADING),
    }),
    [state, begin, endSession],
  );

  return <AuthContext value={auth}>{children}</AuthContext>;
}
