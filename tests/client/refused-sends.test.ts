import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

const setUp = () => {
  const scenario = createScenario();
  const { connection, server, errors } = scenario;
  connection.connect({ userId: 'ada' });
  server.accepts();
  const told = () => errors.map(({ code, message }) => `${code}: ${message}`);
  return { ...scenario, told };
};

describe('a send that is refused says why:', () => {
  it('nobody is connected', () => {
    const { connection, told } = setUp();
    connection.disconnect();
    expect(connection.send({ type: 'A' })).toBe('refused');
    expect(connection.sendBinary(new Uint8Array(1))).toBe('refused');
    expect(told()).toEqual([
      'not-connected: send() needs an open connection; it is idle.',
      'not-connected: sendBinary() needs an open connection; it is idle.',
    ]);
  });

  it('the socket is closing', () => {
    const { connection, server, told } = setUp();
    server.latest.readyState = 2;
    expect(connection.send({ type: 'A' })).toBe('refused');
    expect(told()).toEqual([
      'not-connected: send() needs an open connection; its socket is closing, and the next one is dialled soon.',
    ]);
  });

  it.each([
    ['logs out', 'logout'],
    ['disconnects', 'disconnect'],
  ] as const)('the app %s while the message is made: it goes to nobody', (_, call) => {
    const { connection, server, told } = setUp();
    const message = {
      type: 'A',
      toJSON() {
        connection[call]();
        return { type: 'A' };
      },
    };
    expect(connection.send(message)).toBe('refused');
    expect(told()).toEqual(['not-connected: send() needs an open connection; it is being left.']);
    expect(server.received).toEqual([]);
  });

  it('the app connects another user while the message is made: that user does not say it', () => {
    const { connection, server, told } = setUp();
    const message = {
      type: 'A',
      toJSON() {
        connection.connect({ userId: 'ben' });
        server.accepts();
        return { type: 'A' };
      },
    };
    expect(connection.send(message)).toBe('refused');
    expect(told()).toEqual(['not-connected: send() needs an open connection; it is being left.']);
    expect(server.received).toEqual([]);
  });

  it('the app disposes of the connection while the message is made', () => {
    const { connection, told } = setUp();
    const message = {
      type: 'A',
      toJSON() {
        connection.dispose();
        return { type: 'A' };
      },
    };
    expect(connection.send(message)).toBe('refused');
    expect(told()).toEqual(['disposed: send() was called on a connection that has ended. It did nothing.']);
  });

  it('the socket has thrown, and what', () => {
    const { connection, server, errors, told } = setUp();
    const cause = new Error('buffer full');
    server.latest.send = () => {
      throw cause;
    };
    expect(connection.send({ type: 'A' })).toBe('refused');
    expect(told()).toEqual(['send-failed: The socket refused the frame.']);
    expect(errors[0]?.cause).toBe(cause);
  });

  it('what is binary is no binary', () => {
    const { connection, told } = setUp();
    expect(connection.sendBinary('text' as unknown as ArrayBuffer)).toBe('refused');
    expect(told()).toEqual(['message-not-serialisable: sendBinary() needs an ArrayBuffer or a view of one.']);
  });
});

describe('a call that cannot be meant', () => {
  it('of connect without a user is bad-user-id', () => {
    const { connection } = setUp();
    expect(() => connection.connect(undefined as never)).toThrow(
      expect.objectContaining({ code: 'bad-user-id' }),
    );
    expect(connection.userId).toBe('ada');
  });

  it('of a subscriber that throws is told, and the others hear of the change', () => {
    const { connection, told } = setUp();
    const heard: string[] = [];
    connection.subscribe(() => {
      throw new Error('mine');
    });
    connection.subscribe(() => void heard.push(connection.status));
    connection.logout();
    expect(heard).toEqual(['loggedOut']);
    expect(told()).toEqual(['listener-failed: A subscriber threw or rejected. The others still ran.']);
  });
});
