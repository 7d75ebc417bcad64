import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inOneWrite } from '../../src/gateway/wire/one-write.ts';

/** A socket that notes what reaches the kernel, a line for each write. */
const noted = () => {
  const writes: string[] = [];
  const socket = new Duplex({
    read() {},
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  const send = (text: string) => {
    inOneWrite(socket);
    socket.write(text);
  };
  return { writes, send, socket };
};

describe('what is sent to a socket in one turn of the event loop', () => {
  it('leaves in one write and in order, promises included', async () => {
    const { writes, send } = noted();
    send('a');
    await Promise.resolve();
    send('b');
    await Promise.resolve().then(() => send('c'));
    await nextTurn();
    expect(writes).toEqual(['abc']);
  });

  it('does so too when the turn began with a timer or an event, and the promises come after it', async () => {
    const { writes, send } = noted();
    setImmediate(() => {
      send('a');
      void Promise.resolve().then(() => send('b'));
    });
    await nextTurn();
    await nextTurn();
    expect(writes).toEqual(['ab']);
  });

  it('has left at the end of it: the next turn has a write of its own', async () => {
    const { writes, send } = noted();
    send('a');
    await nextTurn();
    send('b');
    await nextTurn();
    expect(writes).toEqual(['a', 'b']);
  });

  it('does not wait for another socket, nor is it lost when that one has been destroyed', async () => {
    const one = noted();
    const other = noted();
    one.send('a');
    other.send('b');
    one.socket.destroy();
    await nextTurn();
    expect(one.writes).toEqual([]);
    expect(other.writes).toEqual(['b']);
  });
});
