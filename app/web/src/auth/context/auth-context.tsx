import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import { toast } from 'react-toastify';
import type { Session, SignIn, SignUp, User } from '../../../../contract/http-api.ts';
import { ApiFailure, abandonCalls, onTokenRefused } from '../../api/http.ts';
import * as api from '../../api/redngift-api.ts';
import { sayUnsent, unsentCount } from '../../chat/outgoing-message.ts';
import { receivedImages } from '../../chat/received-images.ts';
import { WebSocketClient } from '../../services/handlers/websocket/WebSocketClient.ts';
import { sessionEnded } from '../../store/session-ended.ts';
import { useAppDispatch } from '../../store/store.ts';
import { ACCESS_TOKEN_KEY, readAccessToken, writeAccessToken } from '../access-token.ts';

/**
 * - `loading`: there is a token, and the server is being asked whose it is.
 * - `unreachable`: it could not be asked.
 */
type AuthStatus = 'loading' | 'unreachable' | 'signedOut' | 'signedIn';

interface AuthState {
  readonly status: AuthStatus;
  readonly user: User | null;
  /** The server refused the token over HTTP. The page stays, so that nothing typed is lost, until they sign in again. */
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
  /** As `logout`, on every device: all tokens of this person are revoked. Rejects, and signs nobody out, where the server does not do it. */
  logoutEverywhere(): Promise<void>;
  /** For a token that the server has refused already: as `logout`, but what waits to be sent is kept for this person's return. */
  leaveExpiredSession(): void;
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
const LOADING: AuthState = { status: 'loading', user: null, expired: false };
const UNREACHABLE: AuthState = { status: 'unreachable', user: null, expired: false };
const signedIn = (user: User): AuthState => ({ status: 'signedIn', user, expired: false });

/** Who is signed in on this page. Above the guard, so that it outlives what the guard unmounts. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const dispatch = useAppDispatch();
  const [state, setState] = useState<AuthState>(() => (readAccessToken() === null ? SIGNED_OUT : LOADING));

  const endSession = useCallback(
    (keepsUnsent = false) => {
      const client = WebSocketClient.getInstance();
      const lostCount = keepsUnsent ? 0 : unsentCount(client.connection.outbox.entries);
      // First the connection: once the guard has unmounted the provider nobody else would log out.
      client.disconnect(!keepsUnsent);
      abandonCalls();
      receivedImages.clear();
      dispatch(sessionEnded());
      // Toasts name people; whoever signs in next need not know them.
      toast.dismiss();
      if (lostCount > 0) toast.info(`${sayUnsent(lostCount)} deleted.`);
      setState(SIGNED_OUT);
    },
    [dispatch],
  );

  const begin = useCallback(({ accessToken, user }: Session) => {
    writeAccessToken(accessToken);
    setState(signedIn(user));
  }, []);

  const askWhoseToken = useCallback(
    async (signal: AbortSignal) => {
      try {
        const user = await api.fetchSession(signal);
        setState(signedIn(user));
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiFailure && error.status === 401) {
          writeAccessToken(null);
          endSession(true);
        } else {
          setState(UNREACHABLE);
        }
      }
    },
    [endSession],
  );

  const loading = state.status === 'loading';
  useEffect(() => {
    if (!loading) return;
    const asking = new AbortController();
    askWhoseToken(asking.signal);
    return () => asking.abort();
  }, [loading, askWhoseToken]);

  useEffect(
    () =>
      onTokenRefused(() => setState((now) => (now.status === 'signedIn' ? { ...now, expired: true } : now))),
    [],
  );

  useEffect(() => {
    // Another tab signed out, or in as somebody else: this page must not go on as two people at once.
    const follow = ({ key }: StorageEvent) => {
      if (key !== ACCESS_TOKEN_KEY && key !== null) return;
      endSession();
      if (readAccessToken() !== null) setState(LOADING);
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [endSession]);

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
      leaveExpiredSession() {
        writeAccessToken(null);
        endSession(true);
      },
      resume: () => setState(LOADING),
    }),
    [state, begin, endSession],
  );

  return <AuthContext value={auth}>{children}</AuthContext>;
}
