import { NavLink } from 'react-router';
import { ConversationList } from '../chat/conversation-list.tsx';
import { GroupList } from '../groups/group-list.tsx';
import { InvitationList } from '../groups/invitation-list.tsx';
import { PlusIcon } from '../ui/icons.tsx';

/** Everything a person can go to. On a phone it is the home screen. */
export function Sidebar() {
  return (
    <nav className="sidebar" aria-label="Chats and groups">
      <InvitationList />
      <section aria-labelledby="chats-title" className="sidebar-section">
        <h2 id="chats-title">Chats</h2>
        <ConversationList />
      </section>
      <section aria-labelledby="groups-title" className="sidebar-section">
        <div className="sidebar-title">
          <h2 id="groups-title">Groups</h2>
          <NavLink to="/groups/new" className="button button-small button-quiet">
            <PlusIcon />
            New group
          </NavLink>
        </div>
        <GroupList />
      </section>
    </nav>
  );
}
