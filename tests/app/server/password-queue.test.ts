import { execFileSync } from 'node:child_process';
import { scryptSync } from 'node:crypto';
import { close, open, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPasswordQueue } from '../../../app/server/accounts/password-queue.ts';
import { createPasswords } from '../../../app/server/accounts/passwords.ts';
import { Refusal } from '../../../app/server/refusal.ts';
import { temporaryFolder } from './support/test-server.ts';

const taskOf = (password: string) => ({
  password,
  salt: Buffer.from('salt'),
  bytes: 8,
  options: { N: 2, r: 1, p: 1 },
});
const keyOf = (password: string) => scryptSync(password, 'salt', 8, { N: 2, r: 1, p: 1 });

const open_ = promisify(open);

/** A queue whose thread is held until `go`, so that its line can be looked at. */
const heldQueue = () => {
  const latch = new Int32Array(new SharedArrayBuffer(4));
  const queue = createPasswordQueue(
    () =>
      new Worker(
        `const { parentPort, workerData } = require('node:worker_threads');
         const { scryptSync } = require('node:crypto');
         parentPort.on('message', ({ password, salt, bytes, options }) => {
           Atomics.wait(workerData, 0, 0);
           parentPort.postMessage(scryptSync(password, salt, bytes, options));
         });`,
        { eval: true, workerData: latch },
      ),
  );
  onTestFinished(() => queue.close());
  const order: string[] = [];
  const refused: string[] = [];
  const ask = (name: string, address: string) =>
    queue.run(taskOf(name), address).then(
      () => void order.push(name),
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        refused.push(`${name} ${error.kind}`);
      },
    );
  const go = () => {
    Atomics.store(latch, 0, 1);
    Atomics.notify(latch, 0);
  };
  return { queue, ask, go, order, refused };
};

describe('password work', () => {
  it('uses none of the four threads that read files: with all of them held, a password is hashed', async () => {
    const passwords = createPasswords();
    onTestFinished(() => passwords.close());
    const pipe = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Opening a pipe to read holds its thread until somebody opens it to write.
    const readers = Array.from({ length: Number(process.env.UV_THREADPOOL_SIZE ?? 4) }, () =>
      open_(pipe, 'r'),
    );
    const stored = await passwords.hash('correct horse', 'here');
    expect(await passwords.verify('correct horse', stored, 'here')).toBe(true);
    expect(await passwords.verify('wrong horse', stored, 'here')).toBe(false);
    expect(await passwords.verify('correct horse', undefined, 'here')).toBe(false);
    const writer = openSync(pipe, 'w');
    for (const fd of [writer, ...(await Promise.all(readers))]) close(fd);
  });

  it('is what scrypt makes of it', async () => {
    const queue = createPasswordQueue();
    onTestFinished(() => queue.close());
    expect(await queue.run(taskOf('one'), 'here')).toEqual(keyOf('one'));
  });

  it('waits in a line that has an end: at most 16 of one address, the others hear to try again', async () => {
    const { ask, go, order, refused } = heldQueue();
    const asked = Array.from({ length: 50 }, (_, index) => ask(`${index}`, 'guesser'));
    await Promise.all(asked.slice(17));
    expect(refused).toHaveLength(33);
    expect(new Set(refused.map((text) => text.split(' ')[1]))).toEqual(new Set(['too-many-requests']));
    go();
    await Promise.all(asked);
    expect(order).toEqual(Array.from({ length: 17 }, (_, index) => `${index}`));
  });

  it('takes turns between addresses: who comes after fifty guesses of another waits for two', async () => {
    const { ask, go, order } = heldQueue();
    const guesses = Array.from({ length: 50 }, (_, index) => ask(`${index}`, 'guesser'));
    const person = ask('person', 'home');
    go();
    await Promise.all([...guesses, person]);
    expect(order.indexOf('person')).toBe(2);
  });

  it('makes room for who has less waiting when it is full, and is busy when all have one', async () => {
    const { ask, go, order, refused } = heldQueue();
    const first = Array.from({ length: 17 }, (_, index) => ask(`a${index}`, 'first'));
    const second = Array.from({ length: 16 }, (_, index) => ask(`b${index}`, 'second'));
    const people = Array.from({ length: 40 }, (_, index) => ask(`p${index}`, `home ${index}`));
    go();
    await Promise.all([...first, ...second, ...people]);
    // 32 wait, each of another address, besides the one that runs.
    expect(order).toHaveLength(33);
    expect(order.filter((name) => name.startsWith('p'))).toHaveLength(30);
    expect(refused.filter((text) => text.endsWith(' busy'))).toHaveLength(40);
  });

  it('makes room at the end of the longest line, and has as many places afterwards', async () => {
    const { ask, go, order, refused } = heldQueue();
    const longer = Array.from({ length: 17 }, (_, index) => ask(`a${index}`, 'first'));
    const shorter = Array.from({ length: 15 }, (_, index) => ask(`b${index}`, 'second'));
    const more = ask('c', 'third');
    const people = Array.from({ length: 3 }, (_, index) => ask(`p${index}`, `home ${index}`));
    await Promise.all([longer[16], longer[15], shorter[14]]);
    // Not who has waited longest; and of two lines that are as long, one after the other.
    expect(refused.toSorted()).toEqual(['a15 busy', 'a16 busy', 'b14 busy']);
    go();
    await Promise.all([...longer, ...shorter, more, ...people]);
    expect(order).toHaveLength(33);
    // One runs at once, and 32 wait as before.
    const again = Array.from({ length: 35 }, (_, index) => ask(`again ${index}`, `address ${index}`));
    await Promise.all(again);
    expect(refused).toHaveLength(5);
  });

  it('goes on with a new thread after one has died, and fails only what that one had', async () => {
    let started = 0;
    const queue = createPasswordQueue(() => {
      started++;
      return new Worker(
        started === 1
          ? `require('node:worker_threads').parentPort.on('message', () => { throw new Error('dead'); });`
          : `const { parentPort } = require('node:worker_threads');
             parentPort.on('message', () => parentPort.postMessage(new Uint8Array([1])));`,
        { eval: true },
      );
    });
    onTestFinished(() => queue.close());
    const first = queue.run(taskOf('one'), 'here');
    const second = queue.run(taskOf('two'), 'here');
    await expect(first).rejects.toThrow('dead');
    expect(await second).toEqual(Buffer.from([1]));
  });

  it('refuses what waits when the server stops, and whatever comes later', async () => {
    const { queue, ask, refused } = heldQueue();
    const asked = [ask('running', 'a'), ask('waiting', 'b')];
    await queue.close();
    await Promise.all([...asked, ask('late', 'c')]);
    expect(refused.toSorted()).toEqual(['late busy', 'running busy', 'waiting busy']);
  });
});
