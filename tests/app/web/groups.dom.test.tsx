import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import {
  aGroup,
  anInvitation,
  json,
  nothing,
  refusal,
  SESSION,
  WITH_BEN,
  WITH_SANTA,
} from './support/fake-api.ts';
import { openConnected, openRedNgift } from './support/open-redngift.tsx';

describe('a group', () => {
  it('is created by name and shown', async () => {
    const { api } = await openConnected({
      path: '/groups/new',
      arrange: (server) => {
        server.on('POST /api/groups', () => json(aGroup({ id: 'family', name: 'Family' }), 201));
        server.on('GET /api/groups/family', () => json(aGroup({ id: 'family', name: 'Family' })));
      },
    });
    await userEvent.type(screen.getByLabelText('Name of the group'), '  Family ');
    await userEvent.click(screen.getByRole('button', { name: 'Create group' }));
    expect(await screen.findByRole('heading', { name: 'Family', level: 1 })).toBeTruthy();
    expect(api.calls.find(({ call }) => call === 'POST /api/groups')?.body).toEqual({ name: 'Family' });
    expect(screen.getByRole('link', { name: /Family.*2 members/ })).toBeTruthy();
  });

  it('without a name is asked for one, and the field takes the focus', async () => {
    const { api } = await openConnected({ path: '/groups/new' });
    await userEvent.click(screen.getByRole('button', { name: 'Create group' }));
    const field = screen.getByRole('textbox', {
      name: 'Name of the group',
      description: 'Please enter a name.',
    });
    expect(document.activeElement).toBe(field);
    expect(api.times('POST /api/groups')).toBe(0);
  });

  it('is fetched again when it changes, and a toast says so', async () => {
    const { api, sends } = await openConnected({ path: '/groups/office' });
    api.on('GET /api/groups/office', () =>
      json(aGroup({ members: [...aGroup().members, { userId: 'cleo', name: 'Cleo' }] })),
    );
    await sends({ type: 'GROUP_UPDATED', id: '1', groupId: 'office' });
    expect(await screen.findByText('Group updated')).toBeTruthy();
    expect(within(screen.getByRole('region', { name: 'Members' })).getByText('Cleo')).toBeTruthy();
  });

  it('invites by e-mail, and shows who has not answered', async () => {
    const { api } = await openConnected({ path: '/groups/office' });
    api.on('POST /api/groups/office/invitations', () => {
      api.on('GET /api/groups/office', () => json(aGroup({ invited: ['cleo@demo.test'] })));
      return json(anInvitation(), 201);
    });
    await userEvent.type(screen.getByLabelText('Their e-mail'), 'Cleo@demo.test');
    await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
    expect(await screen.findByText('cleo@demo.test is invited.')).toBeTruthy();
    expect(screen.getByText('cleo@demo.test', { exact: true })).toBeTruthy();
  });

  it('says why an invitation was refused', async () => {
    const { api } = await openConnected({ path: '/groups/office' });
    api.on('POST /api/groups/office/invitations', () => refusal(409, 'Ben is a member already.'));
    await userEvent.type(screen.getByLabelText('Their e-mail'), 'ben@demo.test');
    await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
    expect(await screen.findByText('Ben is a member already.')).toBeTruthy();
  });

  it('that does not exist says so', async () => {
    await openConnected({ path: '/groups/nowhere' });
    expect(await screen.findByRole('heading', { name: 'This group cannot be shown' })).toBeTruthy();
  });
});

describe('the raffle', () => {
  it('is drawn by the owner, after a second thought, and leads to both chats', async () => {
    const { api } = await openConnected({
      path: '/groups/office',
      arrange: (server) => {
        server.on('GET /api/conversations', () => json([]));
        server.on('POST /api/groups/office/raffle', () => {
          server.on('GET /api/conversations', () => json([WITH_BEN, WITH_SANTA]));
          return json(aGroup({ drawnAt: Date.now() }));
        });
      },
    });
    await userEvent.click(screen.getByRole('button', { name: 'Draw names' }));
    expect(api.times('POST /api/groups/office/raffle')).toBe(0);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Yes, draw the names' }));
    await userEvent.click(screen.getByRole('button', { name: 'Yes, draw the names' }));
    const card = await screen.findByRole('region', { name: 'The names are drawn' });
    await waitFor(() =>
      expect(
        within(card)
          .getAllByRole('link')
          .map((link) => link.textContent),
      ).toEqual(['BYou give toBenChat', 'You hear fromYour Secret SantaChat']),
    );
    expect(api.times('POST /api/groups/office/raffle')).toBe(1);
  });

  it('says why it could not be drawn', async () => {
    const { api } = await openConnected({ path: '/groups/office' });
    api.on('POST /api/groups/office/raffle', () => refusal(409, 'The raffle needs at least 3 members.'));
    await userEvent.click(screen.getByRole('button', { name: 'Draw names' }));
    await userEvent.click(screen.getByRole('button', { name: 'Yes, draw the names' }));
    expect(await screen.findByText('The raffle needs at least 3 members.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Draw names' })).toBeTruthy();
  });

  it('is not for members to draw', async () => {
    await openConnected({
      path: '/groups/office',
      arrange: (api) => {
        api.on('GET /api/groups', () => json([aGroup({ ownerId: 'ben' })]));
        api.on('GET /api/groups/office', () => json(aGroup({ ownerId: 'ben' })));
      },
    });
    expect(await screen.findByText('Organised by Ben')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Draw names' })).toBeNull();
    expect(screen.queryByLabelText('Their e-mail')).toBeNull();
  });

  it('drawn by somebody else toasts, and brings the new chats', async () => {
    const { api, sends } = await openConnected({
      arrange: (server) => server.on('GET /api/conversations', () => json([])),
    });
    api.on('GET /api/conversations', () => json([WITH_BEN, WITH_SANTA]));
    await sends({ type: 'RAFFLE_COMPLETE', id: '1', groupId: 'office', groupName: 'Office party' });
    expect(await screen.findByText('Secret Santa raffle completed!')).toBeTruthy();
    expect(await screen.findByRole('link', { name: /^Ben/ })).toBeTruthy();
  });
});

describe('an invitation', () => {
  it('arrives with a toast, and is accepted into its group', async () => {
    const { sends } = await openConnected({
      arrange: (api) => {
        api.on('POST /api/invitations/invitation-1/accept', () =>
          json(aGroup({ id: 'club', name: 'Book club' })),
        );
        api.on('GET /api/groups/club', () => json(aGroup({ id: 'club', name: 'Book club' })));
      },
    });
    const invitation = anInvitation();
    await sends(
      { type: 'INVITATION_RECEIVED', id: '1', invitation },
      { type: 'INVITATION_RECEIVED', id: '2', invitation },
    );
    expect(await screen.findByText('You have a new group invitation!')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Accept the invitation to Book club' }));
    expect(await screen.findByRole('heading', { name: 'Book club', level: 1 })).toBeTruthy();
    expect(screen.queryByRole('heading', { name: 'Invitations' })).toBeNull();
  });

  it('is declined and gone', async () => {
    const { api } = await openConnected({
      arrange: (server) => {
        server.on('GET /api/invitations', () => json([anInvitation()]));
        server.on('POST /api/invitations/invitation-1/decline', nothing);
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Decline the invitation to Book club' }));
    await waitFor(() => expect(screen.queryByRole('heading', { name: 'Invitations' })).toBeNull());
    expect(api.times('POST /api/invitations/invitation-1/decline')).toBe(1);
  });
});

describe('signing up', () => {
  it('checks each field, then makes the account and goes in', async () => {
    const { api } = await openRedNgift({ path: '/sign-up', token: null });
    await userEvent.type(screen.getByLabelText('Name'), 'Ada');
    await userEvent.type(screen.getByLabelText('E-mail'), 'ada@demo.test');
    await userEvent.type(screen.getByLabelText('Password'), 'short');
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    expect(screen.getByText('The password needs at least 8 characters.')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Password'));
    await userEvent.type(screen.getByLabelText('Password'), '-no-more');
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    expect(await screen.findByRole('heading', { name: 'Hello, Ada' })).toBeTruthy();
    expect(localStorage.accessToken).toBe(SESSION.accessToken);
    expect(api.calls[0]?.body).toEqual({ name: 'Ada', email: 'ada@demo.test', password: 'short-no-more' });
  });

  it('says what the server has against it', async () => {
    const { api } = await openRedNgift({ path: '/', token: null });
    api.on('POST /api/session', () => refusal(401, 'E-mail and password do not fit.'));
    await userEvent.type(screen.getByLabelText('E-mail'), 'ada@demo.test');
    await userEvent.type(screen.getByLabelText('Password'), 'wrong');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(
      within(await screen.findByRole('alert')).getByText('E-mail and password do not fit.'),
    ).toBeTruthy();
    expect(localStorage.accessToken).toBeUndefined();
  });
});

describe('the list of groups', () => {
  it('is whole, however many pages the server has', async () => {
    const groups = Array.from({ length: 43 }, (_, index) =>
      aGroup({ id: `g${index}`, name: `Group ${index}` }),
    );
    await openConnected({
      arrange: (server) => {
        server.on('GET /api/groups', () => json(groups.slice(0, 20)));
        server.on('GET /api/groups?after=g19', () => json(groups.slice(20, 40)));
        server.on('GET /api/groups?after=g39', () => json(groups.slice(40)));
      },
    });
    const names = () => [...document.querySelectorAll('.nav-item-title')].map((title) => title.textContent);
    await waitFor(() => expect(names()).toEqual(expect.arrayContaining(groups.map(({ name }) => name))), {
      timeout: 10_000,
    });
  });
});
