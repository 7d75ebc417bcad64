import { act } from '@testing-library/react';
import { type ReactNode, StrictMode, Suspense } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { createConnection, linearBackoff } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { ConnectionInspector } from 'statesocket/inspect';
import {
  ConnectionProvider,
  useConnectionSnapshot,
  useConnectionStatus,
  useDelivery,
  useOutbox,
} from 'statesocket/react';
import { createFakeServer } from 'statesocket/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { awaits } from './support/awaits.ts';

let roots: Root[] = [];

afterEach(() => {
  act(() => {
    for (const root of roots) root.unmount();
  });
  roots = [];
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

const setUp = () => {
  const server = createFakeServer();
  const connection = createConnection({
    url: 'wss://redngift.test/connect/',
    WebSocket: server.WebSocket,
    backoff: linearBackoff({ stepMs: 60_000 }),
    maxRetries: 7,
    delivery: durableDelivery({ durable: () => true }),
  });
  return { server, connection };
};

const rendered: string[] = [];
const Page = () => {
  const shown = [
    useConnectionStatus(),
    `${useConnectionSnapshot().status} of ${useConnectionSnapshot().maxRetries}`,
    useDelivery().status,
    `${useOutbox().length} wait`,
  ].join(', ');
  rendered.push(shown);
  return <p>{shown}</p>;
};

/** Puts the server's HTML on the page, and takes it over. What React found fault with is in `faults`. */
const hydrate = async (page: ReactNode, html = renderToString(page)) => {
  const faults: unknown[] = [];
  const error = vi.spyOn(console, 'error').mockImplementation((fault) => void faults.push(fault));
  const container = document.body.appendChild(document.createElement('main'));
  container.innerHTML = html;
  const before = container.querySelector('p');
  rendered.length = 0;
  await act(async () => {
    roots.push(hydrateRoot(container, page, { onRecoverableError: (fault) => void faults.push(fault) }));
  });
  return { container, faults, error, before, kept: () => container.querySelector('p') === before };
};

describe.each([
  ['', (node: ReactNode) => node],
  ['in StrictMode, ', (node: ReactNode) => <StrictMode>{node}</StrictMode>],
])('%sa page that takes over the HTML of a server', (_where, wrap) => {
  const pageOf = (connection: ReturnType<typeof setUp>['connection']) =>
    wrap(
      <ConnectionProvider connection={connection} userId="ada">
        <Page />
      </ConnectionProvider>,
    );

  it('while the connection is connecting: it keeps the HTML, without a warning, and then shows connecting', async () => {
    const { connection } = setUp();
    const html = renderToString(pageOf(connection));
    expect(html).toContain('idle, idle of 7, waiting, 0 wait');
    connection.connect({ userId: 'ada' });
    connection.send({ type: 'SAY' });
    const { container, faults, kept } = await hydrate(pageOf(connection), html);
    expect(faults).toEqual([]);
    expect(kept()).toBe(true);
    expect(rendered[0]).toBe('idle, idle of 7, waiting, 0 wait');
    expect(container.textContent).toBe('connecting, connecting of 7, waiting, 1 wait');
  });

  it('while the connection is open: the same, and it follows what comes', async () => {
    const { server, connection } = setUp();
    const html = renderToString(pageOf(connection));
    connection.connect({ userId: 'ada' });
    server.accepts();
    const { container, faults, kept } = await hydrate(pageOf(connection), html);
    expect(faults).toEqual([]);
    expect(kept()).toBe(true);
    expect(container.textContent).toBe('open, open of 7, negotiating, 0 wait');
    await act(async () => server.closes(4403));
    expect(container.textContent).toBe('failed, failed of 7, waiting, 0 wait');
    expect(server.sockets).toHaveLength(1);
  });
});

it('a part behind Suspense is taken over later without a warning, though the connection is open by then', async () => {
  const { server, connection } = setUp();
  let arrive = (_: string) => {};
  const data = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  let isServer = true;
  const Late = () => {
    const status = useConnectionStatus();
    return <b>{`${isServer ? 'late' : awaits(data)}: ${status}`}</b>;
  };
  const page = (
    <ConnectionProvider connection={connection} userId="ada">
      <Suspense fallback={<i>loading</i>}>
        <Late />
      </Suspense>
    </ConnectionProvider>
  );
  const html = renderToString(page);
  isServer = false;
  const { container, faults } = await hydrate(page, html);
  await act(async () => server.accepts());
  const late = container.querySelector('b');
  expect(late?.textContent).toBe('late: idle');
  await act(async () => arrive('late'));
  expect(container.querySelector('b')).toBe(late);
  expect(late?.textContent).toBe('late: open');
  expect(faults).toEqual([]);
});

it('a part behind Suspense that is still to come is given the status of then from above', async () => {
  const { server, connection } = setUp();
  let arrive = (_: string) => {};
  const data = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  let isServer = true;
  const Late = ({ status }: { status: string }) => <b>{`${isServer ? 'late' : awaits(data)}: ${status}`}</b>;
  const Above = () => {
    const status = useConnectionStatus();
    return (
      <Suspense fallback={<i>loading</i>}>
        <Late status={status} />
      </Suspense>
    );
  };
  const page = (
    <ConnectionProvider connection={connection} userId="ada">
      <Above />
    </ConnectionProvider>
  );
  const html = renderToString(page);
  isServer = false;
  connection.connect({ userId: 'ada' });
  server.accepts();
  const { container } = await hydrate(page, html);
  await act(async () => arrive('late'));
  expect(container.textContent).toBe('late: open');
});

it('a server renders idle even where its own connection is open', () => {
  const { server, connection } = setUp();
  connection.connect({ userId: 'ada' });
  server.accepts();
  const page = (
    <ConnectionProvider connection={connection} userId="ada">
      <Page />
    </ConnectionProvider>
  );
  expect(renderToString(page)).toBe('<p>idle, idle of 7, waiting, 0 wait</p>');
});

it('a page without a server’s HTML never shows idle while the connection is open', () => {
  const { server, connection } = setUp();
  connection.connect({ userId: 'ada' });
  server.accepts();
  const container = document.body.appendChild(document.createElement('main'));
  rendered.length = 0;
  act(() => {
    const root = createRoot(container);
    roots.push(root);
    root.render(
      <ConnectionProvider connection={connection} userId="ada">
        <Page />
      </ConnectionProvider>,
    );
  });
  expect(new Set(rendered)).toEqual(new Set(['open, open of 7, negotiating, 0 wait']));
});

it('the inspector is taken over without a warning too, and shows the connection afterwards', async () => {
  const { server, connection } = setUp();
  const page = <ConnectionInspector connection={connection} />;
  const html = renderToString(page);
  connection.connect({ userId: 'ada' });
  server.accepts();
  const { container, faults } = await hydrate(page, html);
  expect(faults).toEqual([]);
  expect(container.textContent).toContain('open');
});
