import { runInNewContext } from 'node:vm';
import { createConnection } from 'statesocket';
import { createScenario } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { bytesOf, isArrayBuffer, isError } from '../../src/lib/realms.ts';

/** What another realm makes: an iframe's, a vm context's, that of a test runner's DOM. */
const foreign = <T>(code: string): T => runInNewContext(code);
const foreignBuffer = (): ArrayBuffer => foreign('new Uint8Array([1, 2, 3]).buffer');

const open = () => {
  const scenario = createScenario();
  const heard: number[][] = [];
  scenario.connection.on('binary', ({ data }) => void heard.push([...new Uint8Array(data)]));
  scenario.connection.connect({ userId: 'ada' });
  scenario.server.accepts();
  return { ...scenario, heard };
};

describe('bytes of another realm', () => {
  it.each([
    ['an ArrayBuffer', 'new Uint8Array([1, 2, 3]).buffer'],
    ['a view of all of it', 'new Uint8Array([1, 2, 3])'],
    ['a view of a part', 'new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)'],
    ['a DataView', 'new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1)'],
  ])('(%s) are heard, and sent', (_, code) => {
    const { connection, server, heard, errors } = open();
    server.latest.deliver.frame(foreign(code));
    expect(heard).toEqual([[1, 2, 3]]);
    expect(connection.sendBinary(foreign(code))).toBe('sent');
    expect([server.received.length, errors]).toEqual([1, []]);
    connection.dispose();
  });

  it.each([
    ['a SharedArrayBuffer', 'new SharedArrayBuffer(8)'],
    ['an object that calls itself one', '({ [Symbol.toStringTag]: "ArrayBuffer", byteLength: 3 })'],
    ['a Blob', '({ size: 3, arrayBuffer() {} })'],
    ['nothing', 'null'],
  ])('(%s) are none', (_, code) => {
    const { connection, server, heard, errors } = open();
    server.latest.deliver.frame(foreign(code));
    expect(connection.sendBinary(foreign(code))).toBe('refused');
    expect([heard, errors.map((error) => error.code)]).toEqual([
      [],
      ['malformed-frame', 'message-not-serialisable'],
    ]);
    connection.dispose();
  });

  it('are counted by the flight recorder', () => {
    const { connection, server } = open();
    server.sendsBytes(foreignBuffer());
    expect(connection.recording()?.counters.lengthIn).toBe(3);
    connection.dispose();
  });

  it('are copied where they are a part of more', () => {
    const part = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    expect([...new Uint8Array(bytesOf(part) ?? new ArrayBuffer(0))]).toEqual([1, 2]);
    const whole = new Uint8Array([1, 2]);
    expect(bytesOf(whole)).toBe(whole.buffer);
    expect(isArrayBuffer(foreignBuffer())).toBe(true);
  });
});

describe('an error of another realm', () => {
  it('has its kind told, and nothing else of it', () => {
    const connection = createConnection({
      url: 'wss://server.test/',
      getToken: () => foreign('throw new RangeError("token-of-ada")'),
    });
    const told: string[] = [];
    connection.onError(({ message }) => void told.push(message));
    connection.connect({ userId: 'ada' });
    expect(told[0]).toContain('(RangeError)');
    expect(told[0]).not.toContain('ada');
    expect([isError(foreign('new TypeError("x")')), isError({ name: 'Error' })]).toEqual([true, false]);
    connection.dispose();
  });
});
