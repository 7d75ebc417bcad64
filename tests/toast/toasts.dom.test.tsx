import { act, cleanup, render } from '@testing-library/react';
import { StrictMode, useLayoutEffect } from 'react';
import { ToastContainer, toast } from 'react-toastify';
import { createConnection, type StatesocketError, type WireMessage } from 'statesocket';
import { createFakeServer } from 'statesocket/testing';
import { bridgeToToasts, MAX_TOAST_TEXT_COUNT, type ToastPolicy, useToastBridge } from 'statesocket/toast';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandFrames } from '../support/hand-frames.ts';

type Policy = ToastPolicy<WireMessage>;

let dispose = (): void => {};
const setUp = () => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/',
    WebSocket: server.WebSocket,
    backoff: () => 60_000,
  });
  dispose = connection.dispose;
  connection.connect({ userId: 'ada' });
  server.accepts();
  const frames = createHandFrames();
  const errors: StatesocketError[] = [];
  const bridge = (policy: Policy) =>
    bridgeToToasts(connection, policy, {
      scheduleFrame: frames.scheduleFrame,
      onError: (error) => errors.push(error),
    });
  const receive = (...messages: unknown[]) => act(async () => server.sends(...messages));
  const endFrame = () => act(async () => frames.end());
  return { server, connection, frames, errors, bridge, receive, endFrame };
};

const toasts = () => [...document.querySelectorAll('[role=alert]')];
const texts = () => toasts().map((element) => element.textContent);

const chat: Policy = {
  messages: {
    CHAT: {
      id: ({ from }) => `chat-${from}`,
      text: ({ from }, count) =>
        count === 1 ? `New message from ${from}` : `${count} new messages from ${from}`,
    },
  },
};
const fromAda = { type: 'CHAT', from: 'Ada' };

beforeEach(() => {
  render(<ToastContainer />);
});
afterEach(async () => {
  // The container is unmounted by the cleanup that runs after this; its toasts go with it.
  await act(async () => toast.dismiss());
  dispose();
});

describe('a toast for messages', () => {
  it('is shown at once', async () => {
    const { bridge, receive } = setUp();
    bridge(chat);
    await receive(fromAda);
    expect(texts()).toEqual(['New message from Ada']);
  });

  it('is updated once a frame with the count while it is alive', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    await receive(...Array.from({ length: 12 }, () => fromAda));
    expect(texts()).toEqual(['New message from Ada']);
    await endFrame();
    expect(texts()).toEqual(['12 new messages from Ada']);
    await receive(fromAda);
    await endFrame();
    expect(texts()).toEqual(['13 new messages from Ada']);
  });

  it('counts from one again after it was closed', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    await receive(fromAda, fromAda);
    await endFrame();
    await act(async () => toast.dismiss());
    await endFrame();
    await receive(fromAda);
    expect(texts()).toContain('New message from Ada');
  });

  it('is apart for each id', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    await receive(fromAda, { type: 'CHAT', from: 'Bob' });
    await endFrame();
    expect(texts()).toEqual(['New message from Ada', 'New message from Bob']);
  });

  it('is not shown where the text is null', async () => {
    const { bridge, receive } = setUp();
    bridge({ messages: { CHAT: { id: () => 'chat', text: () => null } } });
    await receive(fromAda);
    expect(toasts()).toEqual([]);
  });

  it('informs, unless its entry has another level', async () => {
    const { bridge, receive } = setUp();
    bridge(chat);
    await receive(fromAda);
    expect(toasts()[0]?.closest('.Toastify__toast--info')).not.toBeNull();
  });

  it('has the level of its entry', async () => {
    const { bridge, receive } = setUp();
    bridge({ messages: { CHAT: { id: () => 'chat', text: () => 'hello', level: 'success' } } });
    await receive(fromAda);
    expect(toasts()[0]?.closest('.Toastify__toast--success')).not.toBeNull();
  });

  it('shows markup of the wire as text', async () => {
    const { bridge, receive } = setUp();
    bridge({ messages: { CHAT: { id: () => 'chat', text: ({ from }) => String(from) } } });
    await receive({ type: 'CHAT', from: '<img src=x onerror=alert(1)>' });
    expect(texts()).toEqual(['<img src=x onerror=alert(1)>']);
    expect(document.querySelector('img')).toBeNull();
  });

  it('is whole up to 200 characters', async () => {
    const { bridge, receive } = setUp();
    bridge({ messages: { CHAT: { id: () => 'chat', text: ({ from }) => String(from) } } });
    await receive({ type: 'CHAT', from: 'a'.repeat(200) });
    expect(texts()).toEqual(['a'.repeat(200)]);
  });

  it('cuts a long text, and never through a surrogate pair', async () => {
    const { bridge, receive } = setUp();
    bridge({ messages: { CHAT: { id: () => 'chat', text: ({ from }) => String(from) } } });
    const gift = '🎁';
    await receive({ type: 'CHAT', from: gift.repeat(100_000) });
    expect(texts()).toEqual([`${gift.repeat(99)}…`]);
    expect(texts()[0]?.length).toBeLessThanOrEqual(MAX_TOAST_TEXT_COUNT);
  });
});

describe('a bounded number of toasts', () => {
  const fromMany = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => ({ type: 'CHAT', from: `person ${from + n}` }));

  it('a burst of 10,000 messages of one id in a frame leaves one', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    await receive(...Array.from({ length: 10_000 }, () => fromAda));
    await endFrame();
    expect(texts()).toEqual(['10000 new messages from Ada']);
  });

  it('a burst of 10,000 messages of 10,000 ids leaves three, the newest', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    await receive(...fromMany(10_000));
    await endFrame();
    expect(texts().sort()).toEqual([9_997, 9_998, 9_999].map((n) => `New message from person ${n}`));
  });

  it('of more ids than the limit the newest are those whose last message came last', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    const from = (...names: string[]) => names.map((name) => ({ type: 'CHAT', from: name }));
    // Ada's is on the page at once, and the others wait for the frame.
    await receive(...from('Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Bob', 'Bob'));
    await endFrame();
    expect(texts().sort()).toEqual([
      '3 new messages from Bob',
      'New message from Dan',
      'New message from Eve',
    ]);
  });

  it('never has more on the page, closing ones included, over 30 frames of new ids', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge({ ...chat, limitCount: 2 });
    let most = 0;
    for (let frame = 0; frame < 30; frame += 1) {
      await receive(...fromMany(3, frame * 3));
      await endFrame();
      most = Math.max(most, document.querySelectorAll('.Toastify__toast').length);
    }
    expect(most).toBe(2);
    expect(texts().sort()).toEqual(['New message from person 88', 'New message from person 89']);
  });

  it('the toast updated longest ago makes room', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge({ ...chat, limitCount: 2 });
    const from = async (name: string) => {
      await receive({ type: 'CHAT', from: name });
      await endFrame();
      await endFrame();
    };
    for (const name of ['Ada', 'Bob', 'Ada', 'Cleo']) await from(name);
    expect(texts()).toEqual(['2 new messages from Ada', 'New message from Cleo']);
  });

  it.each([0, -1, 1.5, Number.NaN])('a limit of %s is refused as bad-option', (limitCount) => {
    const { bridge } = setUp();
    expect(() => bridge({ limitCount })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => bridge({ limitCount })).toThrow('limitCount must be an integer from 1');
  });
});

describe('a toast for the connection', () => {
  const lost: Policy = {
    snapshot: (next, previous) =>
      previous.status === 'open' && next.status !== 'open'
        ? { id: 'lost', text: 'Connection lost.', level: 'warning' }
        : null,
    errors: ({ code }) =>
      code === 'not-connected'
        ? { id: code, text: 'Cannot send message. Connection lost.', level: 'error' }
        : null,
  };

  it('follows from two snapshots', async () => {
    const { bridge, server } = setUp();
    bridge(lost);
    await act(async () => server.closes(1006));
    expect(texts()).toEqual(['Connection lost.']);
  });

  it('informs, unless the policy says another level', async () => {
    const { bridge, server } = setUp();
    bridge({ snapshot: ({ status }) => ({ id: 'status', text: status }) });
    await act(async () => server.closes(1006));
    expect(toasts()[0]?.closest('.Toastify__toast--info')).not.toBeNull();
  });

  it('is no concern of a policy of messages alone', async () => {
    const { bridge, errors, server } = setUp();
    bridge(chat);
    await act(async () => server.closes(1006));
    expect(texts()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('follows from a reported error, and a flood of errors is one toast', async () => {
    const { bridge, connection, endFrame, server } = setUp();
    bridge(lost);
    await act(async () => server.closes(1006));
    await endFrame();
    await endFrame();
    await act(async () => {
      for (let n = 0; n < 1_000; n += 1) connection.send({ type: 'CHAT' });
    });
    await endFrame();
    expect(texts()).toEqual(['Connection lost.', 'Cannot send message. Connection lost.']);
  });
});

describe('the app’s functions', () => {
  it('that throw are reported, and the next message is shown', async () => {
    const { bridge, errors, receive, endFrame } = setUp();
    bridge({
      messages: {
        BAD_ID: {
          id: () => {
            throw new Error('id');
          },
          text: () => 'never',
        },
        BAD_TEXT: {
          id: () => 'text',
          text: () => {
            throw new Error('text');
          },
        },
        ...chat.messages,
      },
    });
    await receive({ type: 'BAD_ID' }, { type: 'BAD_TEXT' }, fromAda);
    await endFrame();
    expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'bridge-failed The toast policy of BAD_ID threw. The bridge goes on.',
      'bridge-failed Showing a toast threw. The bridge goes on.',
    ]);
    expect(texts()).toEqual(['New message from Ada']);
  });
});

describe('a mistake of the app is told with the name of', () => {
  it('the call: an import that is not there', () => {
    expect(() => bridgeToToasts(undefined as never, {})).toThrow('bridgeToToasts needs a connection');
  });

  it('the hook: an import that is not there', () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    const Bridge = () => {
      useToastBridge(undefined as never, {});
      return null;
    };
    expect(() => render(<Bridge />)).toThrow('useToastBridge needs a connection');
    vi.restoreAllMocks();
  });

  it('the call: an option that is misspelt', () => {
    const { connection, frames } = setUp();
    const errors: string[] = [];
    const options = {
      onErorr: () => {},
      onError: ({ message }: StatesocketError) => errors.push(message),
      scheduleFrame: frames.scheduleFrame,
    };
    bridgeToToasts(connection, {}, options);
    expect(errors).toEqual([expect.stringMatching(/^bridgeToToasts .*onErorr/)]);
  });

  it('the function: a policy of snapshots that throws', async () => {
    const { bridge, errors, server } = setUp();
    bridge({
      snapshot: () => {
        throw new Error('snapshot');
      },
    });
    await act(async () => server.closes(1006));
    expect(errors.map(({ message }) => message)).toEqual([
      'The toast policy of snapshots threw. The bridge goes on.',
    ]);
  });
});

describe('a policy that says nothing', () => {
  it('of a change takes no toast from what came in the same frame', async () => {
    const { bridge, connection, receive, endFrame } = setUp();
    bridge({ ...chat, snapshot: () => null });
    await receive(fromAda, { type: 'CHAT', from: 'Bob' });
    await act(async () => connection.logout());
    await endFrame();
    expect(texts().sort()).toEqual(['New message from Ada', 'New message from Bob']);
  });

  it('and an entry that throws take no toast from what came in the same frame', async () => {
    const { bridge, receive, endFrame } = setUp();
    const id = () => {
      throw new Error('id');
    };
    bridge({ messages: { ...chat.messages, BAD_ID: { id, text: () => 'never' } } });
    await receive(fromAda, { type: 'BAD_ID' }, { type: 'CHAT', from: 'Bob' });
    await endFrame();
    expect(texts().sort()).toEqual(['New message from Ada', 'New message from Bob']);
  });

  it('about a name is told of it: the call and the name', () => {
    const { bridge, errors } = setUp();
    bridge({ ...chat, limit: 5 } as Policy);
    expect(errors).toMatchObject([
      { code: 'unknown-option', message: expect.stringMatching(/bridgeToToasts.*limit/) },
    ]);
  });
});

describe('ending the bridge', () => {
  it('shows what is waiting, and nothing after', async () => {
    const { bridge, connection, frames, receive } = setUp();
    connection.onError(() => {});
    const stop = bridge(chat);
    await receive(fromAda, fromAda);
    await act(async () => stop());
    expect(texts()).toEqual(['2 new messages from Ada']);
    await receive(fromAda);
    expect(texts()).toEqual(['2 new messages from Ada']);
    expect(frames.count).toBe(0);
  });
});

describe('without a ToastContainer', () => {
  it('at most the limit of toasts waits for one; later ones are shown once it is there', async () => {
    const { bridge, receive, endFrame } = setUp();
    await act(async () => cleanup());
    bridge(chat);
    for (let n = 0; n < 10; n += 1) {
      await receive({ type: 'CHAT', from: `person ${n}` });
      await endFrame();
    }
    await act(async () => {
      render(<ToastContainer />);
    });
    expect(texts()).toEqual([0, 1, 2].map((n) => `New message from person ${n}`));
    await endFrame();
    await receive(fromAda);
    expect(texts()).toHaveLength(3);
    expect(texts()).toContain('New message from Ada');
  });

  it('a toast that went away with its container is opened again on the next', async () => {
    const { bridge, receive, endFrame } = setUp();
    bridge(chat);
    await receive(fromAda);
    await endFrame();
    await act(async () => cleanup());
    await act(async () => {
      render(<ToastContainer />);
    });
    await endFrame();
    await receive(fromAda);
    expect(texts()).toEqual(['New message from Ada']);
  });
});

describe('useToastBridge', () => {
  it('shows each message once in StrictMode and asks the newest policy', async () => {
    const { connection, receive } = setUp();
    const Bridge = ({ word }: { word: string }) => {
      useToastBridge(connection, {
        messages: { CHAT: { id: () => 'chat', text: (_message, count) => `${word} ${count}` } },
        snapshot: (next) => ({ id: 'status', text: `${word} ${next.status}` }),
        errors: (error) => ({ id: 'error', text: `${word} ${error.code}` }),
      });
      return null;
    };
    const page = (word: string) => (
      <StrictMode>
        <Bridge word={word} />
      </StrictMode>
    );
    const view = render(page('first'));
    const on = vi.spyOn(connection, 'on');
    view.rerender(page('second'));
    await receive(fromAda);
    await act(async () => connection.logout());
    await act(async () => connection.send({ type: 'CHAT' }));
    await act(async () => view.unmount());
    expect(on).not.toHaveBeenCalled();
    expect(texts()).toEqual(['second 1', 'second loggedOut', 'second not-connected']);
  });

  it('keeps ids apart, and has no more toasts than the policy says', async () => {
    const { connection, receive, endFrame } = setUp();
    const Bridge = ({ limitCount }: { limitCount?: number }) => {
      useToastBridge(connection, limitCount === undefined ? chat : { ...chat, limitCount });
      return null;
    };
    const view = render(<Bridge />);
    await receive(fromAda, { type: 'CHAT', from: 'Bob' });
    await act(async () => view.unmount());
    expect(texts()).toEqual(['New message from Ada', 'New message from Bob']);
    await act(async () => toast.dismiss());

    render(<Bridge limitCount={1} />);
    await receive({ type: 'CHAT', from: 'Cleo' });
    await endFrame();
    await receive({ type: 'CHAT', from: 'Dan' });
    await endFrame();
    await vi.waitFor(() => expect(texts()).toEqual(['New message from Dan']));
  });

  it('has the level of its entry, and informs where there is none', async () => {
    const { connection, receive } = setUp();
    const Bridge = () => {
      useToastBridge(connection, {
        messages: {
          CHAT: { id: () => 'chat', text: () => 'chat' },
          GIFT: { id: () => 'gift', text: () => 'gift', level: 'success' },
        },
      });
      return null;
    };
    render(<Bridge />);
    await receive(fromAda, { type: 'GIFT' });
    await vi.waitFor(() => expect(texts()).toHaveLength(2));
    expect(toasts().map((element) => element.closest('.Toastify__toast')?.className)).toEqual([
      expect.stringContaining('--info'),
      expect.stringContaining('--success'),
    ]);
  });

  it('reports nothing where a render takes messages and errors out of the policy while some wait', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const { connection, server } = setUp();
    connection.onError(() => {});
    const Bridge = ({ policy }: { policy: Policy }) => {
      // Before the hook’s own effects have followed the render.
      useLayoutEffect(() => void connection.send({ type: 'CHAT' }));
      useToastBridge(connection, policy);
      return null;
    };
    const policy = { ...chat, errors: ({ code }: StatesocketError) => ({ id: code, text: code }) };
    const view = render(<Bridge policy={policy} />);
    await act(async () => {
      server.sends(fromAda, fromAda, fromAda);
      view.rerender(<Bridge policy={{ errors: policy.errors }} />);
    });
    await act(async () => connection.logout());
    await act(async () => view.rerender(<Bridge policy={{}} />));
    await act(async () => view.unmount());
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('follows a connection that takes the place of another, and hears no more of that one', async () => {
    const [one, other] = [setUp(), setUp()];
    const Bridge = ({ connection }: { connection: typeof one.connection }) => {
      useToastBridge(connection, chat);
      return null;
    };
    const view = render(<Bridge connection={one.connection} />);
    view.rerender(<Bridge connection={other.connection} />);
    await one.receive(fromAda);
    await other.receive({ type: 'CHAT', from: 'Bob' });
    expect(texts()).toEqual(['New message from Bob']);
    one.connection.dispose();
  });
});
