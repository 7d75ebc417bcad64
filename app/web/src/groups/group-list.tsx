import { NavLink } from 'react-router';
import { fetchGroups } from '../store/groups-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { Avatar } from '../ui/avatar.tsx';
import { ListState } from '../ui/list-state.tsx';

/** The groups of the user. */
export function GroupList() {
  const { groups, load } = useAppSelector((state) => state.groups);
  const dispatch = useAppDispatch();
  if (groups.length === 0) {
    return (
      <ListState
        load={load}
        empty="No group yet. Start one, or ask a friend to invite you."
        onRetry={() => dispatch(fetchGroups())}
      />
    );
  }
  return (
    <ul className="nav-list">
      {groups.map(({ id, name, members, drawnAt }) => (
        <li key={id}>
          <NavLink to={`/groups/${id}`} className="nav-item">
            <Avatar name={name} />
            <span className="nav-item-text">
              <span className="nav-item-title">{name}</span>
              <span className="nav-item-note">
                {members.length === 1 ? '1 member' : `${members.length} members`}
                {drawnAt !== null && ' · names are drawn'}
              </span>
            </span>
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
