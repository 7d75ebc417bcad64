import { createFakeServer } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

/** A socket of a fake server, and what it was told, in order. */
const dialled = () => {
  const server = createFakeServer();
  const socket = new server.WebSocket('wss://server.test/', ['v1']);
  const told: string[] = [];
  const frames: unknown[] = [];
  socket.onopen = () => void told.push('open');
  socket.onerror = () => void told.push('error');
  socket.onmessage = ({ data }) => void frames.push(typeof data === 'string' ? JSON.parse(data) : data);
  socket.onclose = ({ code, reason, wasClean }) =>
    void told.push(`close ${code} "${reason}" ${wasClean ? 'clean' : 'not clean'}`);
  return { server, socket, told, frames };
};

const opened = () => {
  const it = dialled();
  it.server.accepts();
  it.told.length = 0;
  return it;
};

const resumed = (after: string | null = null) => {
  const it = opened();
  it.server.welcomes();
  it.socket.send(JSON.stringify({ type: 'RESUME', after }));
  it.frames.length = 0;
  return it;
};

describe('a fake socket', () => {
  it('keeps the URL and the subprotocols that it was made with, and is connecting', () => {
    const { socket } = dialled();
    expect(socket).toMatchObject({ url: 'wss://server.test/', protocols: ['v1'], readyState: 0 });
    expect(() => socket.send('too soon')).toThrow('InvalidStateError');
  });

  it('that the client closes ends with that code, clean, and never within the call', async () => {
    const { socket, told } = opened();
    socket.close(4000);
    expect([socket.readyState, socket.closedWith, told]).toEqual([2, { code: 4000 }, []]);
    await Promise.resolve();
    expect([socket.readyState, told]).toEqual([3, ['close 4000 "" clean']]);
  });

  it('that the client closes without a code ends with 1005', async () => {
    const { socket, told } = opened();
    socket.close();
    socket.close(4000);
    await Promise.resolve();
    expect([socket.closedWith, told]).toEqual([{ code: undefined }, ['close 1005 "" clean']]);
  });

  it('that is closed while it connects errs, and ends with 1006, not clean', async () => {
    const { socket, told } = dialled();
    socket.close(4000);
    await Promise.resolve();
    expect(told).toEqual(['error', 'close 1006 "" not clean']);
  });

  it('carries nothing after its close, either way', () => {
    const { server, socket, told, frames } = opened();
    server.closes(1001, 'bye');
    socket.send('late');
    server.sends({ type: 'LATE' });
    server.closes(1006);
    expect([told, frames, server.received]).toEqual([['close 1001 "bye" clean'], [], []]);
  });
});

describe('a fake server', () => {
  it('receives text as the JSON in it, and all else as it was sent', () => {
    const { server, socket } = opened();
    const bytes = new Uint8Array([1]);
    socket.send('{"type":"A"}');
    socket.send('no json');
    socket.send(bytes);
    expect(server.received).toEqual([{ type: 'A' }, 'no json', bytes]);
  });

  it('closes clean, but for 1006, which says that no close frame came', () => {
    const { server, told } = opened();
    server.closes(1006);
    expect(told).toEqual(['close 1006 "" not clean']);
  });

  it('refuses a handshake as a browser tells it: an error, then 1006', () => {
    const { server, told } = dialled();
    server.refuses();
    expect(told).toEqual(['error', 'close 1006 "" not clean']);
  });

  it('that starts to close tells nobody; its close tells the code', () => {
    const { server, socket, told } = opened();
    server.startsClosing();
    expect([socket.readyState, told, server.live]).toEqual([2, [], []]);
    server.closes(1012);
    expect(told).toEqual(['close 1012 "" clean']);
  });

  it('that stalls carries nothing either way until it recovers, and then all of it in order', () => {
    const { server, socket, frames } = opened();
    server.stalls();
    server.sends({ n: 1 }, { n: 2 });
    socket.send('{"n":3}');
    server.stalls();
    expect([frames, server.received]).toEqual([[], []]);
    server.recovers();
    expect([frames, server.received]).toEqual([[{ n: 1 }, { n: 2 }], [{ n: 3 }]]);
    server.sends({ n: 4 });
    expect(frames).toHaveLength(3);
  });

  it('that is down refuses what is dialled, until it is back, and leaves open sockets alone', async () => {
    const { server, told } = opened();
    server.isDown();
    const refused = new server.WebSocket('wss://server.test/');
    await Promise.resolve();
    server.isBack();
    const kept = new server.WebSocket('wss://server.test/');
    await Promise.resolve();
    expect([told, refused.readyState, kept.readyState]).toEqual([[], 3, 0]);
    expect(server.sockets).toHaveLength(3);
    expect(server.latest).toBe(kept);
  });

  it('says what is wrong where a test asks for what cannot be', () => {
    expect(() => createFakeServer().accepts()).toThrow('Nothing was dialled yet');
    const { server } = opened();
    expect(() => server.accepts()).toThrow(
      'Only a socket that is connecting can be accepted; its readyState is 1',
    );
    expect(() => server.resumes()).toThrow('No RESUME has come');
  });
});

describe('a fake server of the delivery extension', () => {
  it('welcomes in its version, with the defaults of the protocol or what the test says', () => {
    const { server, frames } = opened();
    server.welcomes();
    server.welcomes({ heartbeatMs: 5_000, window: 2, v: 9 });
    expect(frames).toEqual([
      { type: 'WELCOME', ext: 'statesocket', v: 1, heartbeatMs: 14_000, window: expect.any(Number) },
      { type: 'WELCOME', ext: 'statesocket', v: 9, heartbeatMs: 5_000, window: 2 },
    ]);
  });

  it('resumes with who is online and what follows the cursor, and goes on from there', () => {
    const { server, socket, frames } = resumed('m1');
    const [one] = server.publishes({ type: 'A' }, { type: 'B' });
    expect(one).toEqual({ type: 'A', id: 'm1', prev: '0' });
    expect(frames).toEqual([]);
    expect(server.resumes({ online: ['ben'] })).toBe(true);
    server.publishes({ type: 'C' });
    server.beats();
    expect(frames).toEqual([
      { type: 'RESUMED', ok: true, last: 'm2' },
      { type: 'PRESENCE', online: ['ben'] },
      { type: 'B', id: 'm2', prev: 'm1' },
      { type: 'C', id: 'm3', prev: 'm2' },
      { type: 'HEARTBEAT', last: 'm3' },
    ]);
    expect(socket.readyState).toBe(1);
  });

  it('has nothing to send to a cursor that is at its end', () => {
    const { server, frames } = resumed('0');
    expect(server.resumes()).toBe(true);
    expect(frames).toEqual([
      { type: 'RESUMED', ok: true, last: '0' },
      { type: 'PRESENCE', online: [] },
    ]);
  });

  it('does not know a cursor that it forgot, and sends nothing of its log', () => {
    const { server, frames } = resumed('m1');
    server.publishes({ type: 'A' }, { type: 'B' });
    server.forgets();
    expect(server.resumes()).toBe(false);
    expect(frames).toEqual([
      { type: 'RESUMED', ok: false, last: 'm2' },
      { type: 'PRESENCE', online: [] },
    ]);
  });

  it('sends nothing of its log to the next socket before that has resumed', () => {
    const { server } = resumed('0');
    server.resumes();
    const next = new server.WebSocket('wss://server.test/');
    const frames: unknown[] = [];
    next.onmessage = ({ data }) => void frames.push(data);
    server.accepts();
    server.publishes({ type: 'A' });
    expect(frames).toEqual([]);
  });
});
