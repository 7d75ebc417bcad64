import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';

/** A TCP client or the server's side of it, and what it has seen. */
const watch = (socket: Socket) => {
  const seen = { text: '', byteCount: 0, ended: false, closed: false, error: '' };
  socket.on('data', (bytes: Buffer) => {
    seen.text += String(bytes);
    seen.byteCount += bytes.length;
  });
  socket.on('end', () => {
    seen.ended = true;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? '';
  });
  socket.on('close', () => {
    seen.closed = true;
  });
  return Object.assign(seen, { socket });
};
type Watched = ReturnType<typeof watch>;

const startPair = async () => {
  const accepted: Watched[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(watch(socket)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = await startFaultProxy((server.address() as AddressInfo).port);
  const clients: Watched[] = [];
  onTestFinished(async () => {
    for (const { socket } of [...clients, ...accepted]) socket.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });
  const dial = (): Watched => {
    const client = watch(connect(proxy.port, '127.0.0.1'));
    clients.push(client);
    return client;
  };
  /** A client, and the server's side of the same link. */
  const open = async (): Promise<{ near: Watched; far: Watched }> => {
    const count = accepted.length;
    const near = dial();
    await vi.waitFor(() => expect(accepted.length).toBe(count + 1));
    return { near, far: accepted[count] as Watched };
  };
  return { proxy, server, accepted, dial, open };
};

/** Long enough for the loopback to have carried what it carries. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

const linkOf = (proxy: FaultProxy, index: number) => {
  const link = proxy.links[index];
  if (link === undefined) throw new Error(`There is no link ${index}.`);
  return link;
};

describe('the fault proxy', () => {
  it('carries bytes both ways unchanged, and each end by itself', async () => {
    const { open } = await startPair();
    const { near, far } = await open();
    const much = Buffer.alloc(3_000_000, 'up');
    near.socket.end(much);
    far.socket.write('down');
    await vi.waitFor(() => expect(far).toMatchObject({ byteCount: much.length, ended: true }));
    expect(far.text).toBe(String(much));
    await vi.waitFor(() => expect(near).toMatchObject({ text: 'down', ended: false }));
    far.socket.end('last');
    await vi.waitFor(() => expect(near).toMatchObject({ text: 'downlast', ended: true, error: '' }));
  });

  it('stalls one way and not the other; nobody learns of it, and heal lets it flow on in order', async () => {
    const { proxy, open } = await startPair();
    const { near, far } = await open();
    proxy.stall('down');
    far.socket.write('a');
    far.socket.end('b');
    near.socket.write('up');
    await vi.waitFor(() => expect(far.text).toBe('up'));
    await aMoment();
    expect(near).toMatchObject({ text: '', ended: false, closed: false });
    await proxy.heal();
    await vi.waitFor(() => expect(near).toMatchObject({ text: 'ab', ended: true }));
  });

  it('stalls up alone as well', async () => {
    const { proxy, open } = await startPair();
    const { near, far } = await open();
    proxy.stall('up');
    near.socket.write('up');
    far.socket.write('down');
    await vi.waitFor(() => expect(near.text).toBe('down'));
    await aMoment();
    expect(far.text).toBe('');
  });

  it('makes a half-open link: the death of one side does not reach the other', async () => {
    const { proxy, open } = await startPair();
    const { near, far } = await open();
    proxy.stall();
    far.socket.resetAndDestroy();
    await aMoment();
    expect(near).toMatchObject({ ended: false, closed: false });
    await proxy.heal();
    near.socket.write('anybody?');
    await vi.waitFor(() => expect(near).toMatchObject({ ended: false, closed: true, error: 'ECONNRESET' }));
  });

  it('holds for links to come, so that a new connection gets no answer', async () => {
    const { proxy, open } = await startPair();
    proxy.stall();
    const { near, far } = await open();
    near.socket.write('GET');
    await aMoment();
    expect(far.text).toBe('');
    expect(near).toMatchObject({ closed: false });
    await proxy.heal();
    await vi.waitFor(() => expect(far.text).toBe('GET'));
  });

  it('is at fault on one link alone', async () => {
    const { proxy, open } = await startPair();
    const [first, second] = [await open(), await open()];
    linkOf(proxy, 0).stall();
    first.near.socket.write('1');
    second.near.socket.write('2');
    await vi.waitFor(() => expect(second.far.text).toBe('2'));
    expect(first.far.text).toBe('');
    linkOf(proxy, 0).heal();
    await vi.waitFor(() => expect(first.far.text).toBe('1'));
    linkOf(proxy, 0).reset();
    await vi.waitFor(() => expect(first.near.closed).toBe(true));
    expect(proxy.links.map((link) => link.open)).toEqual([false, true]);
  });

  it('drops what is sent, and resets on heal the link that lost something, and no other', async () => {
    const { proxy, open } = await startPair();
    const [losing, lucky] = [await open(), await open()];
    proxy.drop('up');
    losing.near.socket.write('lost');
    losing.far.socket.write('down');
    await vi.waitFor(() => expect(losing.near.text).toBe('down'));
    await aMoment();
    expect(losing.far).toMatchObject({ text: '', closed: false });
    await proxy.heal();
    await vi.waitFor(() =>
      expect(losing.far).toMatchObject({ ended: false, closed: true, error: 'ECONNRESET' }),
    );
    await vi.waitFor(() =>
      expect(losing.near).toMatchObject({ ended: false, closed: true, error: 'ECONNRESET' }),
    );
    lucky.near.socket.write('found');
    await vi.waitFor(() => expect(lucky.far.text).toBe('found'));
  });

  it('is slow: a piece at a time, and all of it in the end', async () => {
    const { proxy, open } = await startPair();
    const { near, far } = await open();
    proxy.slow(5_000, 'up');
    near.socket.end('x'.repeat(1_000));
    await vi.waitFor(() => expect(far.byteCount).toBeGreaterThan(0));
    expect(far.byteCount).toBeLessThan(1_000);
    await vi.waitFor(() => expect(far).toMatchObject({ byteCount: 1_000, ended: true }));
  });

  it('cuts after exactly so many bytes, with a reset on both sides', async () => {
    const { proxy, open } = await startPair();
    const { near, far } = await open();
    far.socket.write('before');
    await vi.waitFor(() => expect(near.text).toBe('before'));
    linkOf(proxy, 0).cutAfter(5, 'down');
    far.socket.write('0123456789');
    await vi.waitFor(() => expect(near.closed).toBe(true));
    expect(near.text).toBe('before01234');
    await vi.waitFor(() => expect(far).toMatchObject({ ended: false, closed: true, error: 'ECONNRESET' }));
  });

  it('resets every link and takes the next', async () => {
    const { proxy, open } = await startPair();
    const [first, second] = [await open(), await open()];
    proxy.reset();
    for (const seen of [first.near, first.far, second.near, second.far]) {
      await vi.waitFor(() => expect(seen).toMatchObject({ ended: false, closed: true, error: 'ECONNRESET' }));
    }
    const { near, far } = await open();
    near.socket.write('again');
    await vi.waitFor(() => expect(far.text).toBe('again'));
  });

  it('refuses new connections and keeps those there are, until it heals on the same port', async () => {
    const { proxy, open, dial } = await startPair();
    const { near, far } = await open();
    const { port } = proxy;
    proxy.refuse();
    const refused = dial();
    await vi.waitFor(() => expect(refused).toMatchObject({ closed: true, error: 'ECONNREFUSED' }));
    near.socket.write('still here');
    await vi.waitFor(() => expect(far.text).toBe('still here'));
    await proxy.heal();
    expect(proxy.port).toBe(port);
    await open();
  });

  it('resets also a side that does not read what waits for it', async () => {
    const { proxy, open } = await startPair();
    const { near, far } = await open();
    near.socket.pause();
    far.socket.write(Buffer.alloc(20_000_000));
    await aMoment();
    proxy.reset();
    await vi.waitFor(() => expect(far).toMatchObject({ ended: false, closed: true }));
    near.socket.resume();
    // What had arrived before is still there to be read; Node may take the reset right behind it for an end.
    await vi.waitFor(() => expect(near.closed).toBe(true));
    expect(near.byteCount).toBeLessThan(20_000_000);
  });

  it('resets the client when nobody listens behind it', async () => {
    const { server, dial } = await startPair();
    server.close();
    const client = dial();
    await vi.waitFor(() => expect(client).toMatchObject({ ended: false, closed: true, error: 'ECONNRESET' }));
  });

  it('leaves no socket, timer or port behind when it is closed in the midst of its faults', async () => {
    const resources = () =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /TCP|Timeout/.test(name))
        .sort();
    const server = createServer((socket) => socket.resume().on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const targetPort = (server.address() as AddressInfo).port;
    await aMoment();
    const before = resources();
    const proxy = await startFaultProxy(targetPort);
    const clients = [0, 1, 2].map(() => connect(proxy.port, '127.0.0.1').on('error', () => {}));
    await vi.waitFor(() => expect(proxy.links.length).toBe(3));
    linkOf(proxy, 0).slow(10);
    linkOf(proxy, 1).stall();
    for (const client of clients) client.write('x'.repeat(1_000));
    await aMoment();
    expect(resources().length).toBeGreaterThan(before.length);
    await proxy.close();
    const gone = clients.map((client) => {
      client.destroy();
      return new Promise((resolve) => (client.closed ? resolve(null) : client.once('close', resolve)));
    });
    await Promise.all(gone);
    await aMoment();
    expect(resources()).toEqual(before);
    const late = watch(connect(proxy.port, '127.0.0.1'));
    await vi.waitFor(() => expect(late.error).toBe('ECONNREFUSED'));
    await new Promise((resolve) => server.close(resolve));
  });
});
