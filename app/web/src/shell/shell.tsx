import { useEffect } from 'react';
import { Link, Outlet, useLocation, useNavigate } from 'react-router';
import { useAuth } from '../auth/context/auth-context.tsx';
import { loadOverview } from '../store/arrivals.ts';
import { useAppDispatch } from '../store/store.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Brand } from '../ui/brand.tsx';
import { LogoutIcon } from '../ui/icons.tsx';
import { ConnectionIndicator } from './connection-indicator.tsx';
import { Sidebar } from './sidebar.tsx';

/** What stays around every screen: the header with the connection, and the lists. */
export function Shell() {
  const { user, logout } = useAuth();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const dispatch = useAppDispatch();
  useEffect(() => {
    dispatch(loadOverview());
  }, [dispatch]);
  const leave = () => {
    logout();
    // The next person starts at the door, not in the room of the last.
    navigate('/', { replace: true });
  };
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
        <div className="shell-user">
          <Avatar name={name} />
          <span className="shell-user-name">{name}</span>
          <button type="button" className="button button-quiet" onClick={leave}>
            <LogoutIcon />
            <span className="button-label">Log out</span>
          </button>
        </div>
      </header>
      <Sidebar />
      <main id="main" className="shell-main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
