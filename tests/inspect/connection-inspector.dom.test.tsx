import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { flightRecorder, type Recording } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { ConnectionInspector } from 'statesocket/inspect';
import { createScenario, type ScenarioOptions } from 'statesocket/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const TOKEN = crypto.randomUUID();
const SECRETS = [TOKEN, 'ada-lovelace', 'redngift.test', 'a-close-reason', 'a-payload'];

beforeEach(() => {
  // jsdom has neither.
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const set = (options: ScenarioOptions<{ type: string }> = {}) => {
  const scenario = createScenario({
    url: ({ token }) => `wss://redngift.test/connect/${token}/`,
    getToken: () => TOKEN,
    backoff: () => 20_000,
    delivery: durableDelivery({ durable: ({ type }) => type === 'CHAT' }),
    ...options,
  });
  const { connection, server, clock } = scenario;
  const opens = () => {
    connection.connect({ userId: 'ada-lovelace' });
    server.accepts();
    clock.passes(6_000);
  };
  const recording = (): Recording => {
    const found = connection.recording();
    if (found === null) throw new Error('nothing is recorded');
    return found;
  };
  return { ...scenario, opens, recording, person: userEvent.setup() };
};

const button = (name: string) => screen.getByRole('button', { name });
const isIdle = (name: string) => button(name).getAttribute('aria-disabled') === 'true';
const sees = (status: string) =>
  waitFor(() => expect(screen.getByRole('status', { name: 'Status' }).textContent).toBe(status));
const litStates = (): string[] =>
  [...document.querySelectorAll('[aria-label^="connection:"] rect.lit')].map(
    (rect) => rect.getAttribute('data-state') ?? '',
  );
const litLabels = (): string[] =>
  [...document.querySelectorAll('[aria-label^="connection:"] :is(tspan,text).lit')].map(
    ({ textContent }) => textContent ?? '',
  );

describe('the inspector of a connection', () => {
  it('lights what is active, and the transitions that were taken last with their guards', async () => {
    const { connection, server, opens } = set();
    render(<ConnectionInspector connection={connection} />);
    await sees('idle');
    expect(litStates()).toEqual(['idle']);
    opens();
    await sees('open');
    expect(litStates()).toContain('socket.open.stability.stable');
    server.closes(1006);
    await sees('backoff');
    expect(litStates()).toEqual(['backoff', 'backoff.waiting']);
    expect(litLabels()).toEqual(['socket.closed', 'else', '[hasRetriesLeft]']);
    expect(screen.getByText('1006, not clean: The connection was lost.')).toBeDefined();
    expect(screen.getByText('Connection lost. Trying again (1 of 20).')).toBeDefined();
  });

  it('has a picture of the queue of each user, while that is there', async () => {
    const { connection, server, clock } = set();
    render(<ConnectionInspector connection={connection} />);
    await sees('idle');
    const queues = () => screen.queryAllByRole('region', { name: /^Statechart: outbox/ });
    const lit = (queue: string) =>
      [...document.querySelectorAll(`[aria-label="Statechart: ${queue}"] rect.lit`)].map((rect) =>
        rect.getAttribute('data-state'),
      );
    expect(queues()).toEqual([]);
    connection.connect({ userId: 'ada-lovelace' });
    server.accepts();
    server.welcomes();
    await waitFor(() => expect(lit('outbox 1')).toEqual(['here', 'here.flowing']));
    connection.send({ type: 'CHAT', text: 'a-payload' });
    clock.passes(10);
    connection.connect({ userId: 'ben' });
    await waitFor(() => expect(lit('outbox 1')).toEqual(['left']));
    expect(lit('outbox 2')).toEqual(['here', 'here.parked']);
    connection.logout();
    await waitFor(() => expect(queues()).toHaveLength(1));
    expect(within(screen.getByRole('region', { name: 'Timeline' })).getAllByText('outbox 1')).not.toEqual([]);
  });

  it('counts the delays down, and lists the steps, the newest first', async () => {
    const { connection, server, clock, opens } = set();
    opens();
    server.closes(1006);
    clock.passes(5_000);
    render(<ConnectionInspector connection={connection} />);
    const delays = screen.getByRole('region', { name: 'Delays' });
    expect(within(delays).getByText('in 15.0 s')).toBeDefined();
    clock.passes(1_000);
    await waitFor(() => expect(within(delays).getByText('in 14.0 s')).toBeDefined());
    const [newest] = within(screen.getByRole('region', { name: 'Timeline' })).getAllByRole('button');
    expect(newest?.textContent).toContain('outbox 1 link.lost');
  });

  it('counts frames, the queue and what waits in the outbox, by type and state', async () => {
    const { connection, server, opens } = set();
    opens();
    server.sends({ type: 'NEWS', text: 'a-payload' });
    server.closes(1006);
    connection.send({ type: 'CHAT', text: 'a-payload' });
    render(<ConnectionInspector connection={connection} />);
    const counters = screen.getByRole('region', { name: 'Data plane' });
    expect(counters.textContent).toContain('in1 frames, 34 characters or bytes');
    expect(counters.textContent).toContain('queue1 in the outbox');
    expect(counters.textContent).toContain('cursornone');
    expect(screen.getByRole('region', { name: 'Outbox' }).textContent).toContain('CHATqueued');
  });

  it('holds no message, token, URL, user or close reason (I13)', async () => {
    const { connection, server, opens, person } = set();
    render(<ConnectionInspector connection={connection} />);
    opens();
    server.sends({ type: 'NEWS', text: 'a-payload' });
    connection.send({ type: 'CHAT', text: 'a-payload' });
    server.closes(4403, 'a-close-reason');
    await sees('failed');
    await person.click(button('Whole connection chart'));
    const html = document.documentElement.outerHTML;
    expect(html).toContain('4403');
    for (const secret of SECRETS) expect(html).not.toContain(secret);
  });

  it('shows the past while somebody looks at it, and goes back to now', async () => {
    const { connection, server, opens, person } = set();
    opens();
    render(<ConnectionInspector connection={connection} />);
    await person.click(button('First step'));
    await sees('idle');
    expect(screen.getByText('Looking at the past')).toBeDefined();
    await person.click(button('Step forward'));
    await sees('connecting');
    server.closes(1006);
    await waitFor(() => expect(connection.status).toBe('backoff'));
    await sees('connecting');
    await person.click(button('Live'));
    await sees('backoff');
    const steps = within(screen.getByRole('region', { name: 'Timeline' })).getAllByRole('button');
    const opened = steps.find(({ textContent }) => textContent?.includes('socket.opened'));
    if (opened === undefined) throw new Error('socket.opened is not listed');
    await person.click(opened);
    await sees('open');
    expect(opened.getAttribute('aria-current')).toBe('true');
  });

  it('tells nobody anything and costs nothing once it is gone', async () => {
    vi.useFakeTimers();
    const { connection } = set();
    const recording = vi.spyOn(connection, 'recording');
    const { unmount } = render(<ConnectionInspector connection={connection} />);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(recording.mock.calls.length).toBeGreaterThan(3);
    unmount();
    recording.mockClear();
    connection.connect({ userId: 'ada-lovelace' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(recording).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('says that there is no picture where nothing is recorded; status and buttons are there', async () => {
    const { connection, opens, person } = set();
    vi.spyOn(connection, 'recording').mockReturnValue(null);
    render(<ConnectionInspector connection={connection} />);
    expect(screen.getByText(/has no flight recorder/)).toBeDefined();
    expect(screen.queryByRole('region', { name: 'Delays' })).toBeNull();
    opens();
    await sees('open');
    await person.click(button('Close 1006'));
    await sees('backoff');
  });

  it('follows the newest for whoever steps forward to it', async () => {
    const { connection, server, opens, person } = set();
    opens();
    render(<ConnectionInspector connection={connection} />);
    await person.click(button('Step back'));
    await person.click(button('Step forward'));
    server.closes(1006);
    await sees('backoff');
    expect(screen.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/^link\.lost.*backoff$/);
  });

  it('shows a step a frame later, and does not wait for the next look at the counters', async () => {
    vi.useFakeTimers();
    const { connection } = set();
    render(<ConnectionInspector connection={connection} />);
    connection.connect({ userId: 'ada-lovelace' });
    await act(() => vi.advanceTimersByTimeAsync(16));
    expect(screen.getByRole('status', { name: 'Status' }).textContent).toBe('connecting');
    vi.useRealTimers();
  });

  it('lights nothing of a connection that has ended, and offers nothing', async () => {
    const { connection, opens } = set();
    opens();
    render(<ConnectionInspector connection={connection} />);
    await sees('open');
    connection.dispose();
    await screen.findByText('The connection has ended');
    await sees('idle');
    expect(litStates()).toEqual([]);
    for (const name of ['Connect', 'Retry', 'Disconnect', 'Log out', 'Close 1006', 'Offline']) {
      expect(isIdle(name)).toBe(true);
    }
  });

  it('knows nothing of one connection when it shows the next', async () => {
    const first = set();
    const second = set();
    first.opens();
    const { rerender } = render(<ConnectionInspector connection={first.connection} />);
    await first.person.click(button('First step'));
    rerender(<ConnectionInspector connection={second.connection} />);
    await sees('idle');
    expect(screen.queryByText('Looking at the past')).toBeNull();
    expect(isIdle('Connect')).toBe(true);
  });

  it('says what passes in a second, and keeps 500 moments and no more', async () => {
    vi.useFakeTimers();
    const { connection, server, opens, clock } = set({ recorder: flightRecorder({ maxTransitions: 2_000 }) });
    opens();
    const { container } = render(<ConnectionInspector connection={connection} colorScheme="dark" />);
    expect(container.querySelector('section')?.style.colorScheme).toBe('dark');
    server.sends({ type: 'NEWS' });
    server.sends({ type: 'NEWS' });
    clock.passes(1_000);
    await act(() => vi.advanceTimersByTimeAsync(250));
    expect(screen.getByRole('region', { name: 'Data plane' }).textContent).toContain('· 2.0/s');
    for (let count = 0; count < 700; count += 1) {
      connection.actor.send({ type: 'network.restored' });
      if (count % 50 === 0) await act(() => vi.advanceTimersByTimeAsync(16));
    }
    await act(() => vi.advanceTimersByTimeAsync(16));
    expect(screen.getByRole('slider').getAttribute('max')).toBe('499');
    const steps = within(screen.getByRole('region', { name: 'Timeline' })).getAllByRole('button');
    expect(steps).toHaveLength(100);
    vi.useRealTimers();
  });

  it('offers what the chart would hear, and no more', async () => {
    const { connection, opens, person } = set();
    render(<ConnectionInspector connection={connection} />);
    expect(['Close clean', 'Close 1006', 'Stall', 'Retry', 'Connect', 'Disconnect'].map(isIdle)).toEqual(
      Array.from({ length: 6 }, () => true),
    );
    opens();
    await sees('open');
    expect(isIdle('Close clean')).toBe(false);
    // A plain server has not promised to speak: silence means nothing.
    expect(isIdle('Stall')).toBe(true);
    await person.click(button('Log out'));
    await sees('loggedOut');
    expect(isIdle('Connect')).toBe(false);
    await person.click(button('Connect'));
    await sees('connecting');
    expect(connection.userId).toBe('ada-lovelace');
  });
});

describe('the inspector of a recording', () => {
  const recorded = () => {
    const { connection, server, opens, recording } = set();
    opens();
    server.closes(1006);
    connection.logout();
    return recording();
  };

  it('begins at the end of it, and steps through it', async () => {
    const { person } = set();
    render(<ConnectionInspector recording={recorded()} />);
    await sees('loggedOut');
    expect(screen.queryByRole('button', { name: 'Close clean' })).toBeNull();
    // The logout, and what becomes of the queue: three steps more.
    for (let step = 0; step < 4; step += 1) await person.click(button('Step back'));
    await sees('backoff');
    expect(litStates()).toEqual(['backoff', 'backoff.waiting']);
    await person.click(button('Last step'));
    await sees('loggedOut');
  });

  it('opens what is pasted, and goes back to the connection', async () => {
    const { connection, person } = set();
    render(<ConnectionInspector connection={connection} />);
    await person.click(button('Paste recording'));
    await person.click(screen.getByRole('textbox'));
    await person.paste(JSON.stringify(recorded()));
    await sees('loggedOut');
    await person.click(button('Back to the connection'));
    await sees('idle');
  });

  it('opens a file', async () => {
    const { connection, person } = set();
    render(<ConnectionInspector connection={connection} />);
    const file = new File([''], 'recording.json', { type: 'application/json' });
    // jsdom's files cannot be read by text().
    const text = JSON.stringify(recorded());
    Object.assign(file, { text: async () => text });
    await person.upload(screen.getByLabelText('Open recording'), file);
    await sees('loggedOut');
  });

  it('begins at the end of another that is given', async () => {
    const { person } = set();
    const { rerender } = render(<ConnectionInspector recording={recorded()} />);
    await person.click(button('First step'));
    await sees('idle');
    rerender(<ConnectionInspector recording={recorded()} />);
    await sees('loggedOut');
  });

  it('says at which step the chart of this version leads elsewhere', () => {
    const recording = recorded();
    const states = recording.states.map((state) => (state === 'loggedOut' ? 'idle' : state));
    render(<ConnectionInspector recording={{ ...recording, states }} />);
    expect(screen.getByText(/This version of the chart leads elsewhere/)).toBeDefined();
    expect(screen.getByText(/are not known/)).toBeDefined();
  });

  it('says what is wrong with another text, and stays', async () => {
    const { connection, person } = set();
    render(<ConnectionInspector connection={connection} />);
    await person.click(button('Paste recording'));
    await person.click(screen.getByRole('textbox'));
    await person.paste('{"version":9}');
    expect((await screen.findByRole('alert')).textContent).toContain('version 9');
    await sees('idle');
  });
});
