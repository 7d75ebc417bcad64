import { useCallback, useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { useAuth } from '../auth/context/auth-context.tsx';
import { fetchOneGroup } from '../store/groups-slice.ts';
import { useAppDispatch, useAppSelector } from '../store/store.ts';
import { Avatar } from '../ui/avatar.tsx';
import { BackLink } from '../ui/back-link.tsx';
import { EmptyScreen } from '../ui/empty-screen.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { describeError } from '../ui/use-form.ts';
import { usePageTitle } from '../ui/use-page-title.ts';
import { DrawCard } from './draw-card.tsx';
import { InviteForm } from './invite-form.tsx';
import { MatchLinks } from './match-links.tsx';

/** One group: who is in it, who is invited, and the raffle. */
export function GroupPage() {
  const { groupId = '' } = useParams();
  return <GroupScreen key={groupId} groupId={groupId} />;
}

function GroupScreen({ groupId }: { groupId: string }) {
  const { user } = useAuth();
  const dispatch = useAppDispatch();
  const group = useAppSelector((state) => state.groups.groups.find(({ id }) => id === groupId));
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(async () => {
    setProblem(null);
    const answer = await dispatch(fetchOneGroup(groupId));
    if (fetchOneGroup.rejected.match(answer)) setProblem(describeError(answer.error));
  }, [dispatch, groupId]);
  useEffect(() => {
    load();
  }, [load]);
  usePageTitle(group?.name ?? 'Group');

  if (group === undefined) {
    if (problem === null) return <p className="page-loading">Loading…</p>;
    return <EmptyScreen title="This group cannot be shown" text={problem} onRetry={load} />;
  }
  const isOwner = group.ownerId === user?.id;
  const owner = group.members.find(({ userId }) => userId === group.ownerId);
  return (
    <div className="page">
      <header className="page-header">
        <BackLink />
        <div>
          <PageHeading>{group.name}</PageHeading>
          <p className="page-note">
            {isOwner ? 'You organise this group' : `Organised by ${owner?.name ?? 'somebody'}`}
          </p>
        </div>
      </header>
      {group.drawnAt === null ? (
        <DrawCard groupId={group.id} isOwner={isOwner} />
      ) : (
        <MatchLinks groupId={group.id} drawnAt={group.drawnAt} />
      )}
      <section className="card" aria-labelledby="members-title">
        <h2 id="members-title">Members</h2>
        <ul className="members">
          {group.members.map(({ userId, name }) => (
            <li key={userId}>
              <Avatar name={name} />
              <span>{name}</span>
              {userId === user?.id && <span className="tag">you</span>}
              {userId === group.ownerId && <span className="tag">organiser</span>}
            </li>
          ))}
        </ul>
        {group.invited.length > 0 && (
          <>
            <h3>Invited, no answer yet</h3>
            <ul className="invited">
              {group.invited.map((email) => (
                <li key={email}>{email}</li>
              ))}
            </ul>
          </>
        )}
      </section>
      {isOwner && group.drawnAt === null && <InviteForm groupId={group.id} />}
    </div>
  );
}
