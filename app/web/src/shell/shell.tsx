import { useEffect } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { useAuth } from '../auth/context/auth-context.tsx';
import { loadOverview } from '../store/reload-state.ts';
import { useAppDispatch } from '../store/store.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Brand } from '../ui/brand.tsx';
import { ConnectionDrawer } from './connection-drawer.tsx';
import { ConnectionIndicator } from './connection-indicator.tsx';
import { LogoutButton } from './logout-button.tsx';
import { Sidebar } from './sidebar.tsx';

/** What stays around every screen: the header with the connection, and the lists. */
export function Shell() {
  const { user } = useAuth();
  const { pathname } = useLocation();
  const dispatch = useAppDispatch();
  useEffect(() => {
    dispatch(loadOverview());
  }, [dispatch]);
  const name = user?.name ?? '';
  return (
    <div className="shell" data-screen={pathname === '/' ? 'home' : 'detail'}>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="shell-header">
        <Link to="/" className="brand-link" aria-label="RednGift, home">
          <Brand />
        </Link>
        <ConnectionIndicator />
        <ConnectionDrawer />
        <div className="shell-user">
          <Avatar name={name} />
          <span className="shell-user-name">{name}</span>
          <LogoutButton />
        </div>
      </header>
      <Sidebar />
      <main id="main" className="shell-main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
