import { Provider } from 'react-redux';
import { BrowserRouter, Route, Routes } from 'react-router';
import { ToastContainer } from 'react-toastify';
import { AuthGuard } from './auth/auth-guard.tsx';
import { AuthProvider } from './auth/context/auth-context.tsx';
import { WebSocketProvider } from './auth/context/web-socket/web-socket-context.tsx';
import { SignUpPage } from './auth/sign-up-page.tsx';
import { ChatPage } from './chat/chat-page.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { GroupPage } from './groups/group-page.tsx';
import { NewGroupPage } from './groups/new-group-page.tsx';
import { HomePage } from './shell/home-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { Shell } from './shell/shell.tsx';
import type { AppStore } from './store/store.ts';

function SignedInApp() {
  return (
    <AuthGuard>
      <WebSocketProvider>
        <Shell />
      </WebSocketProvider>
    </AuthGuard>
  );
}

/** All of RednGift. */
export function App({ store }: { store: AppStore }) {
  return (
    <Provider store={store}>
      <BrowserRouter>
        <ErrorBoundary>
          <AuthProvider>
            <Routes>
              <Route path="/sign-up" element={<SignUpPage />} />
              <Route element={<SignedInApp />}>
                <Route index element={<HomePage />} />
                <Route path="groups/new" element={<NewGroupPage />} />
                <Route path="groups/:groupId" element={<GroupPage />} />
                <Route path="conversations/:conversationId" element={<ChatPage />} />
                <Route path="*" element={<NotFoundPage />} />
              </Route>
            </Routes>
          </AuthProvider>
        </ErrorBoundary>
      </BrowserRouter>
      <ToastContainer
        position="top-right"
        theme="auto"
        limit={4}
        autoClose={6_000}
        hideProgressBar
        closeOnClick
      />
    </Provider>
  );
}
