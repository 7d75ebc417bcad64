import { act, render, screen } from '@testing-library/react';
import { Component, type ReactNode, StrictMode, Suspense } from 'react';
import { createConnection, linearBackoff } from 'statesocket';
import {
  ConnectionProvider,
  useConnection,
  useConnectionSnapshot,
  useConnectionStatus,
  useMessage,
  useSend,
} from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { awaits } from './support/awaits.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const setUp = () => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/connect/',
    WebSocket: server.WebSocket,
    backoff: linearBackoff({ stepMs: 60_000 }),
  });
  return { server, connection };
};

const StatusLine = () => <p>{useConnectionStatus()}</p>;

const Everything = () => {
  useMessage('NEW_MESSAGE', () => {});
  useSend();
  useConnection();
  return <p>{`${useConnectionStatus()} ${useConnectionSnapshot().retryCount}`}</p>;
};

describe.each([
  ['', 'outside StrictMode', false],
  ['StrictMode ', 'in StrictMode', true],
])('%sthe provider', (_name, _where, strict) => {
  const page = (children: ReactNode) => (strict ? <StrictMode>{children}</StrictMode> : children);
  const show = (node: ReactNode) => {
    const view = render(page(node));
    return { ...view, rerender: (next: ReactNode) => view.rerender(page(next)) };
  };

  it('opens one socket for ten components with all hooks (I1)', async () => {
    const { server, connection } = setUp();
    show(
      <ConnectionProvider connection={connection} userId="ada">
        {[...'abcdefghij'].map((name) => (
          <Everything key={name} />
        ))}
      </ConnectionProvider>,
    );
    await act(async () => server.accepts());
    expect(server.sockets).toHaveLength(1);
    expect(screen.getAllByText('open 0')).toHaveLength(10);
  });

  it('shows each status as it comes', async () => {
    const { server, connection } = setUp();
    show(
      <ConnectionProvider connection={connection} userId={7}>
        <StatusLine />
      </ConnectionProvider>,
    );
    expect(screen.getByText('connecting')).toBeTruthy();
    expect(connection.userId).toBe('7');
    await act(async () => server.accepts());
    expect(screen.getByText('open')).toBeTruthy();
    await act(async () => server.closes(4403));
    expect(screen.getByText('failed')).toBeTruthy();
  });

  it('dials nothing and does not log out while nobody is signed in', async () => {
    const { server, connection } = setUp();
    const logout = vi.spyOn(connection, 'logout');
    show(
      <ConnectionProvider connection={connection} userId={null}>
        <StatusLine />
      </ConnectionProvider>,
    );
    await act(async () => {});
    expect(server.sockets).toHaveLength(0);
    expect(logout).not.toHaveBeenCalled();
    expect(connection.status).toBe('idle');
  });

  it('leaves an earlier logout as it is when it mounts without a user', async () => {
    const { connection } = setUp();
    connection.logout();
    show(<ConnectionProvider connection={connection} userId={null} />).unmount();
    await act(async () => {});
    expect(connection.status).toBe('loggedOut');
  });

  it('logs out when the user it had seen goes away, once', async () => {
    const { server, connection } = setUp();
    const logout = vi.spyOn(connection, 'logout');
    const view = show(<ConnectionProvider connection={connection} userId="ada" />);
    server.accepts();
    view.rerender(<ConnectionProvider connection={connection} userId={null} />);
    view.rerender(
      <ConnectionProvider connection={connection} userId={null}>
        again
      </ConnectionProvider>,
    );
    await act(async () => {});
    expect(connection.status).toBe('loggedOut');
    expect(logout).toHaveBeenCalledOnce();
    expect(server.live).toHaveLength(0);
  });

  it('connects again when somebody signs in after a logout', async () => {
    const { server, connection } = setUp();
    const view = show(<ConnectionProvider connection={connection} userId="ada" />);
    view.rerender(<ConnectionProvider connection={connection} userId={null} />);
    view.rerender(<ConnectionProvider connection={connection} userId="ada" />);
    expect(connection.status).toBe('connecting');
    expect(server.live).toHaveLength(1);
  });

  it('switches users with one live socket and without a logout', async () => {
    const { server, connection } = setUp();
    const logout = vi.spyOn(connection, 'logout');
    const view = show(<ConnectionProvider connection={connection} userId="ada" />);
    server.accepts();
    view.rerender(<ConnectionProvider connection={connection} userId="bob" />);
    expect(connection.userId).toBe('bob');
    expect(server.sockets).toHaveLength(2);
    expect(server.live).toHaveLength(1);
    expect(logout).not.toHaveBeenCalled();
  });

  it('takes 7 and "7" for the same user', () => {
    const { server, connection } = setUp();
    const view = show(<ConnectionProvider connection={connection} userId={7} />);
    view.rerender(<ConnectionProvider connection={connection} userId="7" />);
    expect(server.sockets).toHaveLength(1);
  });

  it('disconnects after it unmounts, and does not log out', async () => {
    const { server, connection } = setUp();
    const view = show(<ConnectionProvider connection={connection} userId="ada" />);
    server.accepts();
    view.unmount();
    await act(async () => {});
    expect(connection.status).toBe('idle');
    expect(server.live).toHaveLength(0);
  });

  it('keeps the socket when it is mounted again in the same commit', async () => {
    const { server, connection } = setUp();
    const view = show(<ConnectionProvider key="one" connection={connection} userId="ada" />);
    server.accepts();
    view.rerender(<ConnectionProvider key="two" connection={connection} userId="ada" />);
    await act(async () => {});
    expect(connection.status).toBe('open');
    expect(server.sockets).toHaveLength(1);
  });

  it('keeps the socket until the last of two providers is gone', async () => {
    const { connection } = setUp();
    const first = show(<ConnectionProvider connection={connection} userId="ada" />);
    const second = show(<ConnectionProvider connection={connection} userId="ada" />);
    first.unmount();
    await act(async () => {});
    expect(connection.status).toBe('connecting');
    second.unmount();
    await act(async () => {});
    expect(connection.status).toBe('idle');
  });

  it('disconnects the old connection when it is given another one', async () => {
    const [old, next] = [setUp(), setUp()];
    const view = show(
      <ConnectionProvider connection={old.connection} userId="ada">
        <StatusLine />
      </ConnectionProvider>,
    );
    await act(async () => old.server.accepts());
    view.rerender(
      <ConnectionProvider connection={next.connection} userId="ada">
        <StatusLine />
      </ConnectionProvider>,
    );
    await act(async () => {});
    expect(old.connection.status).toBe('idle');
    expect(screen.getByText('connecting')).toBeTruthy();
  });

  it('does not dial a failed connection again by rendering', async () => {
    const { server, connection } = setUp();
    const view = show(<ConnectionProvider connection={connection} userId="ada" />);
    server.accepts();
    await act(async () => server.closes(4403));
    view.rerender(
      <ConnectionProvider connection={connection} userId="ada">
        again
      </ConnectionProvider>,
    );
    expect(connection.status).toBe('failed');
    expect(server.sockets).toHaveLength(1);
  });

  it('shows failed, and the page goes on, when the chart has crashed', async () => {
    const { connection, server } = setUp();
    const codes: string[] = [];
    connection.onError((error) => codes.push(error.code));
    show(
      <ConnectionProvider connection={connection} userId="ada">
        <StatusLine />
      </ConnectionProvider>,
    );
    // A model event of the wrong shape stands for any defect inside the chart.
    const defect = {
      type: 'socket.closed',
      get code(): number {
        throw new Error('defect');
      },
    };
    await act(async () => {
      server.accepts();
      connection.actor.send(defect as never);
    });
    expect(screen.getByText('failed')).toBeTruthy();
    expect(codes).toEqual(['chart-crashed']);
  });
});

class Boundary extends Component<{ children: ReactNode }> {
  override state = { caught: null as string | null };
  static getDerivedStateFromError(error: Error & { code?: string }) {
    return { caught: error.code ?? error.message };
  }
  override render() {
    return this.state.caught === null ? this.props.children : <p>{this.state.caught}</p>;
  }
}

describe('mistakes', () => {
  it('a hook outside a provider throws bad-option', () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    render(
      <Boundary>
        <StatusLine />
      </Boundary>,
    );
    expect(screen.getByText('bad-option')).toBeTruthy();
  });

  it('an empty userId reaches the error boundary as bad-user-id', () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    const { connection } = setUp();
    render(
      <Boundary>
        <ConnectionProvider connection={connection} userId="" />
      </Boundary>,
    );
    expect(screen.getByText('bad-user-id')).toBeTruthy();
  });
});

describe('Suspense', () => {
  it('below the provider leaves the socket alone', async () => {
    const { server, connection } = setUp();
    let resolve = (_: string) => {};
    const data = new Promise<string>((done) => {
      resolve = done;
    });
    const Slow = () => <p>{awaits(data)}</p>;
    await act(async () => {
      render(
        <ConnectionProvider connection={connection} userId="ada">
          <Suspense fallback={<p>loading</p>}>
            <Slow />
          </Suspense>
        </ConnectionProvider>,
      );
    });
    await act(async () => resolve('here'));
    expect(screen.getByText('here')).toBeTruthy();
    expect(server.sockets).toHaveLength(1);
  });
});
