import { act, render, screen } from '@testing-library/react';
import { type ReactNode, StrictMode, useLayoutEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { createConnection, type DeliveryExtension, linearBackoff, type SendResult } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import {
  ConnectionProvider,
  useConnection,
  useConnectionSnapshot,
  useConnectionStatus,
  useDelivery,
  useMessage,
  useOutbox,
  useSend,
} from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
});

const setUp = (options: { delivery?: DeliveryExtension } = {}) => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/connect/',
    WebSocket: server.WebSocket,
    backoff: linearBackoff({ stepMs: 60_000 }),
    ...options,
  });
  const show = async (children: ReactNode) => {
    const wrap = (node: ReactNode) => (
      <StrictMode>
        <ConnectionProvider connection={connection} userId="ada">
          {node}
        </ConnectionProvider>
      </StrictMode>
    );
    const view = render(wrap(children));
    await act(async () => server.accepts());
    return { ...view, rerender: (node: ReactNode) => view.rerender(wrap(node)) };
  };
  return { server, connection, show };
};

describe('useMessage', () => {
  it('runs the newest handler and subscribes once, however often it renders', async () => {
    const { server, connection, show } = setUp();
    const seen: string[] = [];
    const Listener = ({ name }: { name: string }) => {
      useMessage('TYPING', (message) => seen.push(`${name} ${message.conversationId}`));
      return null;
    };
    const view = await show(<Listener name="first" />);
    const on = vi.spyOn(connection, 'on');
    for (const name of ['second', 'third', 'fourth']) view.rerender(<Listener name={name} />);
    server.sends({ type: 'TYPING', conversationId: 'c1' });
    expect(seen).toEqual(['fourth c1']);
    expect(on).not.toHaveBeenCalled();
  });

  it('hears each message once in StrictMode, and a burst completely', async () => {
    const { server, show } = setUp();
    const seen: unknown[] = [];
    const Counter = () => {
      const [count, setCount] = useState(0);
      useMessage('NEW_MESSAGE', (message) => {
        seen.push(message.n);
        setCount((before) => before + 1);
      });
      return <p>{`${count} messages`}</p>;
    };
    await show(<Counter />);
    const burst = Array.from({ length: 1_000 }, (_, n) => ({ type: 'NEW_MESSAGE', n }));
    await act(async () => server.sends(...burst));
    expect(seen).toEqual(burst.map(({ n }) => n));
    expect(screen.getByText('1000 messages')).toBeTruthy();
  });

  it('follows its type, and ends with its component', async () => {
    const { server, show } = setUp();
    const seen: string[] = [];
    const Listener = ({ type }: { type: string }) => {
      useMessage(type, (message) => seen.push(message.type));
      return null;
    };
    const view = await show(<Listener type="A" />);
    const both = () => server.sends({ type: 'A' }, { type: 'B' });
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    both();
    view.rerender(<Listener type="B" />);
    both();
    view.rerender(null);
    both();
    expect(seen).toEqual(['A', 'B']);
    // Once for each type that nobody listened to.
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('runs no handler of a component that the handler before it has unmounted', async () => {
    const { server, show } = setUp();
    const seen: string[] = [];
    const Row = () => {
      useMessage('ROW_REMOVED', () => seen.push('row'));
      return null;
    };
    const List = () => {
      const [hasRow, setHasRow] = useState(true);
      const remove = () => {
        seen.push('list');
        flushSync(() => setHasRow(false));
      };
      return (
        <>
          <Remover remove={remove} />
          {hasRow && <Row />}
        </>
      );
    };
    const Remover = ({ remove }: { remove: () => void }) => {
      useMessage('ROW_REMOVED', remove);
      return null;
    };
    await show(<List />);
    await act(async () => server.sends({ type: 'ROW_REMOVED' }));
    expect(seen).toEqual(['list']);
  });

  it('runs no handler between the unmount of its component and the end of its effects', async () => {
    const { server, show } = setUp();
    const seen: string[] = [];
    let remove = (): void => {};
    const Row = () => {
      useMessage('A', () => seen.push('row'));
      // A layout effect ends in the commit; useMessage's subscription, as every effect, only after it.
      useLayoutEffect(() => () => server.sends({ type: 'A' }), []);
      return null;
    };
    const List = () => {
      const [hasRow, setHasRow] = useState(true);
      remove = () => setHasRow(false);
      return hasRow && <Row />;
    };
    await show(<List />);
    seen.length = 0;
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    await act(async () => remove());
    expect(seen).toEqual([]);
  });

  it('hears binary frames as bytes', async () => {
    const { server, show } = setUp();
    const seen: number[] = [];
    const Listener = () => {
      useMessage('binary', ({ data }) => seen.push(data.byteLength));
      return null;
    };
    await show(<Listener />);
    server.sendsBytes(new ArrayBuffer(5));
    expect(seen).toEqual([5]);
  });
});

describe('useSend', () => {
  it('sends, answers what became of the message, and stays the same function', async () => {
    const { server, show } = setUp();
    const functions = new Set<unknown>();
    const results: SendResult[] = [];
    const Sender = () => {
      const send = useSend();
      functions.add(send);
      return (
        <button type="button" onClick={() => results.push(send({ type: 'TYPING' }))}>
          send
        </button>
      );
    };
    const view = await show(<Sender />);
    // StrictMode of React 18 renders twice at first, and keeps the second.
    const [kept] = [...functions].slice(-1);
    functions.clear();
    view.rerender(<Sender />);
    await act(async () => screen.getByText('send').click());
    expect(server.received).toEqual([{ type: 'TYPING' }]);
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    await act(async () => server.closes(1006));
    await act(async () => screen.getByText('send').click());
    expect(results).toEqual(['sent', 'refused']);
    // What an earlier test is told of late is not counted.
    expect(warn.mock.calls.filter(([words]) => /: not-connected: /.test(words))).toHaveLength(1);
    expect([...functions]).toEqual([kept]);
  });

  it('sends on the connection that has taken the place of another, and not on that one', async () => {
    const [one, other] = [setUp(), setUp()];
    const Sender = () => {
      const send = useSend();
      return (
        <button type="button" onClick={() => send({ type: 'TYPING' })}>
          send
        </button>
      );
    };
    const page = ({ connection }: typeof one) => (
      <ConnectionProvider connection={connection} userId="ada">
        <Sender />
      </ConnectionProvider>
    );
    const view = render(page(one));
    await act(async () => one.server.accepts());
    view.rerender(page(other));
    await act(async () => other.server.accepts());
    await act(async () => screen.getByText('send').click());
    expect([one.server.received, other.server.received]).toEqual([[], [{ type: 'TYPING' }]]);
  });
});

describe('reading', () => {
  it('renders on what it reads and on nothing else: not on messages, not on other members', async () => {
    const { server, connection, show } = setUp();
    let statusRenders = 0;
    let snapshotRenders = 0;
    const Status = () => {
      statusRenders += 1;
      return <p>{useConnectionStatus()}</p>;
    };
    const Snapshot = () => {
      snapshotRenders += 1;
      return <p>{`retry ${useConnectionSnapshot().retryCount}`}</p>;
    };
    await show(
      <>
        <Status />
        <Snapshot />
      </>,
    );
    connection.on('A', () => {});
    const [status, snapshot] = [statusRenders, snapshotRenders];
    await act(async () => server.sends({ type: 'A' }, { type: 'A' }));
    expect([statusRenders, snapshotRenders]).toEqual([status, snapshot]);
    await act(async () => server.closes(1006));
    await act(async () => connection.retry());
    expect(snapshotRenders).toBeGreaterThan(snapshot);
    expect(screen.getByText('connecting')).toBeTruthy();
  });
});

const durable = { delivery: durableDelivery({ durable: () => true }) };

describe('useOutbox', () => {
  it('shows what waits, what was delivered and what failed, and retries', async () => {
    const { server, connection, show } = setUp(durable);
    const Waiting = () => {
      const { outbox } = useConnection();
      return (
        <ul>
          {useOutbox().map(({ key, message, state }) => (
            <li key={key}>
              {`${message.text} is ${state}`}
              {state === 'failed' && (
                <button type="button" onClick={() => outbox.retry(key)}>
                  retry
                </button>
              )}
            </li>
          ))}
        </ul>
      );
    };
    await show(<Waiting />);
    const shown = () => screen.queryAllByRole('listitem').map(({ firstChild }) => firstChild?.textContent);
    expect(shown()).toEqual([]);
    act(() => {
      for (const text of ['one', 'two']) connection.send({ type: 'SAY', text });
    });
    expect(shown()).toEqual(['one is queued', 'two is queued']);
    await act(async () => server.welcomes());
    expect(shown()).toEqual(['one is sent', 'two is sent']);

    const { clientId } = server.received.at(-1) as { clientId: string };
    const rejected = [{ n: 2, code: 'too-rude' }];
    await act(async () => server.sends({ type: 'RECEIPT', clientId, n: 2, rejected }));
    expect(shown()).toEqual(['one is delivered', 'two is failed']);
    act(() => screen.getByText('retry').click());
    expect(shown()).toEqual(['one is delivered', 'two is sent']);
  });

  it('is empty where everything is volatile', async () => {
    const { show } = setUp();
    const Count = () => <p>{`${useOutbox().length} wait`}</p>;
    await show(<Count />);
    expect(screen.getByText('0 wait')).toBeTruthy();
  });
});

describe('useDelivery', () => {
  it('follows negotiation, a resume with its progress, and the end of the socket', async () => {
    const { server, connection, show } = setUp({ delivery: durableDelivery() });
    connection.on('CHAT', () => {});
    const Progress = () => {
      const { status, isCaughtUp, appliedCount } = useDelivery();
      return <p>{`${status}, ${appliedCount}${isCaughtUp ? ', caught up' : ''}`}</p>;
    };
    const view = await show(<Progress />);
    const shown = () => view.container.textContent;
    expect(shown()).toBe('negotiating, 0');
    await act(async () => server.welcomes());
    expect(shown()).toBe('resuming, 0');
    await act(async () => server.resumes());
    expect(shown()).toBe('live, 0, caught up');
    await act(async () => server.closes(1006));
    expect(shown()).toBe('waiting, 0');

    server.publishes(...Array.from({ length: 40 }, () => ({ type: 'CHAT' })));
    await act(async () => connection.retry());
    await act(async () => server.accepts());
    await act(async () => server.welcomes());
    server.stalls();
    server.resumes();
    await act(async () => server.recovers());
    expect(shown()).toBe('live, 40, caught up');
  });
});
