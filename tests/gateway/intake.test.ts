import { createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';
import { createIntake, type IntakeLimits } from '../../src/gateway/wire/intake.ts';
import { clientFrame } from '../attack/support/client-frame.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** An intake on a virtual clock, whose sockets are made of nothing. Each frame holds the loop for `frameMs`. */
const startIntake = ({ frameMs = 0, ...limits }: Partial<IntakeLimits> & { frameMs?: number } = {}) => {
  const clock = createVirtualClock();
  const intake = createIntake(
    {
      maxPayloadBytes: MIB,
      maxBytesPerSecond: MIB,
      maxLoopMsPerSecond: 200,
      maxInputBytesPerUser: 16 * MIB,
      messageDeadlineMs: 30_000,
      ...limits,
    },
    clock,
  );
  /** What was handed on of all sockets, in order. */
  const handedOn: string[] = [];
  const join = (userId: string, name = userId) => {
    const seen = {
      isPaused: false,
      pauseCount: 0,
      pongCount: 0,
      closed: null as string | null,
      hasEnded: false,
    };
    const take = (what: string) => {
      handedOn.push(what);
      clock.sleeps(frameMs);
    };
    const inlet = intake.join(
      userId,
      {
        pause() {
          seen.isPaused = true;
          seen.pauseCount += 1;
        },
        resume() {
          seen.isPaused = false;
        },
      },
      {
        receiveText: (text) => take(`${name}: ${text.slice(0, 20)}`),
        receiveBinary: (data) => take(`${name}: ${data.byteLength} bytes`),
        receivePong() {
          seen.pongCount += 1;
        },
        close(code, reason) {
          seen.closed ??= `${code} ${reason}`;
        },
        transportClosed() {
          seen.hasEnded = true;
        },
      },
    );
    return {
      seen,
      /** A whole message, as it comes from the wire: its bytes, then `ws` says that it is complete. */
      say(text: string) {
        intake.arrived(inlet, clientFrame(1, Buffer.from(text)));
        intake.received(inlet, Buffer.from(text), false);
      },
      sayBinary(bytes: number) {
        intake.arrived(inlet, clientFrame(2, Buffer.alloc(bytes)));
        intake.received(inlet, new ArrayBuffer(bytes), true);
      },
      arrive: (bytes: Uint8Array) => intake.arrived(inlet, bytes),
      kept: (bytes: number) => inlet.kept(bytes),
      readUntil: () => inlet.readUntil(clock.now()),
      end: () => intake.ended(inlet),
    };
  };
  return { intake, clock, handedOn, join };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let n = 0; n < count; n += 1) await turn();
};
const large = (name: string) => name.padEnd(20 * KIB, ' ');

describe('a quiet gateway', () => {
  it('hands a small frame on in the very call, without a timer and without a pause', () => {
    const { clock, handedOn, join } = startIntake();
    const anna = join('anna');
    anna.say('hello');
    anna.sayBinary(100);
    expect(handedOn).toEqual(['anna: hello', 'anna: 100 bytes']);
    expect(clock.timerCount).toBe(0);
    expect(anna.seen.pauseCount).toBe(0);
  });

  it('lets a large frame wait for the next turn of the loop, and leaves what follows to TCP until then', async () => {
    const { handedOn, join } = startIntake();
    const anna = join('anna');
    anna.sayBinary(900 * KIB);
    expect(handedOn).toEqual([]);
    expect(anna.seen.isPaused).toBe(true);
    const { pongCount } = anna.seen;
    await turn();
    expect(handedOn).toEqual([`anna: ${900 * KIB} bytes`]);
    expect(anna.seen.isPaused).toBe(false);
    // A frame that had to wait says that its peer lives: a pong may stand behind it.
    expect(anna.seen.pongCount).toBe(pongCount + 1);
  });
});

describe('the frames of one socket', () => {
  it('keep their order, also small ones behind a large one', async () => {
    const { handedOn, join } = startIntake();
    const anna = join('anna');
    for (const text of ['1', large('2'), '3', large('4'), '5']) anna.say(text);
    await turns(6);
    expect(handedOn.map((text) => text.trim())).toEqual(
      ['1', '2', '3', '4', '5'].map((text) => `anna: ${text}`),
    );
  });

  it('that came before its end are handed on before the session is told of it', async () => {
    const { handedOn, join } = startIntake();
    const anna = join('anna');
    anna.say(large('last words'));
    anna.end();
    expect(anna.seen.hasEnded).toBe(false);
    await turn();
    expect(handedOn).toHaveLength(1);
    expect(anna.seen.hasEnded).toBe(true);
  });
});

describe('turns', () => {
  it('go round by user: one who fills sixteen sockets gets no more of them than one with a single socket', async () => {
    const { handedOn, join } = startIntake({ frameMs: 15 });
    const attackers = Array.from({ length: 16 }, (_, at) => join('eve', `eve ${at}`));
    for (const attacker of attackers) attacker.say(large(''));
    const bert = join('bert');
    bert.say(large('image'));
    await turn();
    // 20 ms of those who have sent little, and one of whoever has sent much.
    expect(handedOn.length).toBeLessThanOrEqual(3);
    expect(handedOn.slice(0, 2)).toContain(`bert: ${large('image').slice(0, 20)}`);
  });

  it('go round by socket within a user', async () => {
    const { handedOn, join } = startIntake();
    const [one, two] = [join('anna', 'one'), join('anna', 'two')];
    for (const text of ['a', 'b', 'c']) one.say(large(text));
    two.say(large('d'));
    await turns(5);
    expect(handedOn.map((text) => text.trim())).toEqual(['one: a', 'two: d', 'one: b', 'one: c']);
  });

  it('end after 20 ms, so that the loop goes on', async () => {
    const { handedOn, join } = startIntake({ frameMs: 9 });
    for (let user = 0; user < 30; user += 1) join(`user ${user}`).say(large(''));
    const counts: number[] = [];
    while (handedOn.length < 30) {
      const before = handedOn.length;
      await turn();
      counts.push(handedOn.length - before);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  });

  it('serve those who have sent little first, and all others too', async () => {
    const { handedOn, join } = startIntake({
      frameMs: 9,
      maxLoopMsPerSecond: 10,
      maxBytesPerSecond: 100 * MIB,
    });
    const eve = join('eve');
    // Half of what she may hold the loop for is gone.
    for (let n = 0; n < 3; n += 1) {
      eve.say(large('before'));
      await turn();
    }
    handedOn.length = 0;
    eve.say(large(''));
    const others = Array.from({ length: 8 }, (_, at) => join(`user ${at}`));
    for (const other of others) other.say(large(''));
    await turn();
    expect(handedOn.map((text) => text.trim())).toEqual(['user 0:', 'user 1:', 'user 2:', 'eve:']);
  });

  it('are waited for by small frames too, once frames have held the loop for long', async () => {
    const { handedOn, join } = startIntake({ frameMs: 15 });
    const users = Array.from({ length: 10 }, (_, at) => join(`user ${at}`));
    for (const user of users) user.say('small');
    expect(handedOn.length).toBeLessThan(5);
    await turns(10);
    expect(handedOn).toHaveLength(10);
  });
});

it('small frames take half of the loop’s time at most without waiting for a turn, however fast they come', async () => {
  const { handedOn, join } = startIntake({ frameMs: 20 });
  for (let n = 0; n < 8; n += 1) join(`user ${n}`).say('small');
  expect(handedOn).toHaveLength(2);
  await turns(8);
  expect(handedOn).toHaveLength(8);
});

describe('a user who sends more than a second has', () => {
  it('gets nothing handed on that waits for its turn, until it is made good', async () => {
    const { clock, handedOn, join } = startIntake();
    const sockets = Array.from({ length: 5 }, (_, at) => join('eve', `eve ${at}`));
    for (const socket of sockets) socket.sayBinary(MIB);
    await turns(6);
    expect(handedOn).toEqual([]);
    clock.passes(1_010);
    await turns(6);
    expect(handedOn).toHaveLength(5);
  });

  it('of bytes is not read from on any socket until it is made good, and loses nothing', async () => {
    const { clock, handedOn, join } = startIntake();
    const [one, two, bert] = [join('eve', 'one'), join('eve', 'two'), join('bert')];
    for (let n = 0; n < 5; n += 1) {
      one.sayBinary(MIB);
      await turn();
    }
    // Four are more than four MiB with their headers.
    expect(handedOn).toHaveLength(3);
    expect([one.seen.isPaused, two.seen.isPaused, bert.seen.isPaused]).toEqual([true, true, false]);
    bert.say('hello');
    expect(handedOn.at(-1)).toBe('bert: hello');
    clock.passes(999);
    await turns(3);
    expect(handedOn).toHaveLength(4);
    clock.passes(10);
    await turns(3);
    expect(handedOn).toHaveLength(6);
    expect([one.seen.isPaused, two.seen.isPaused]).toEqual([false, false]);
    expect(clock.timerCount).toBe(0);
  });

  it('of frames waits likewise: each counts 256 bytes more than it has', () => {
    const { handedOn, join } = startIntake();
    const eve = join('eve');
    for (let n = 0; n < 20_000 && !eve.seen.isPaused; n += 1) eve.say('[]');
    expect(handedOn.length).toBe(Math.floor((4 * MIB) / (8 + 256)));
  });

  it('of the time of the loop waits likewise', async () => {
    const { clock, handedOn, join } = startIntake({ frameMs: 100 });
    const eve = join('eve');
    for (let n = 0; n < 12; n += 1) {
      eve.say(large(''));
      await turn();
    }
    // Four seconds' worth of 200 ms at once, and what came back meanwhile.
    expect(eve.seen.isPaused).toBe(true);
    const before = handedOn.length;
    expect(before).toBeGreaterThanOrEqual(8);
    expect(before).toBeLessThan(12);
    clock.passes(1_000);
    await turn();
    expect(handedOn.length).toBe(before + 1);
  });

  it('is held by the very frame that takes too long, until that is made good', async () => {
    const { clock, join } = startIntake({ frameMs: 2_000 });
    const eve = join('eve');
    eve.say(large(''));
    await turn();
    expect(eve.seen.isPaused).toBe(true);
    clock.passes(3_999);
    expect(eve.seen.isPaused).toBe(true);
    clock.passes(1);
    expect(eve.seen.isPaused).toBe(false);
  });

  it('has saved up four seconds at the most, however long nothing was sent', async () => {
    const { clock, handedOn, join } = startIntake({ frameMs: 1 });
    const eve = join('eve');
    for (let n = 0; n < 3; n += 1) eve.sayBinary(MIB);
    await turns(4);
    clock.passes(3_600_000);
    handedOn.length = 0;
    for (let n = 0; n < 9; n += 1) {
      eve.sayBinary(MIB);
      await turn();
    }
    // And the one that has come before anybody looks.
    expect(handedOn.length).toBeLessThanOrEqual(5);
    const slow = startIntake({ frameMs: 100 });
    const ivy = slow.join('ivy');
    ivy.say(large(''));
    await turn();
    slow.clock.passes(3_600_000);
    for (let n = 0; n < 30 && !ivy.seen.isPaused; n += 1) {
      ivy.say(large(''));
      await turn();
    }
    expect(slow.handedOn.length).toBeLessThan(20);
  });

  it('may always send two of the largest frames at once, however large these are', async () => {
    const { handedOn, join } = startIntake({ maxPayloadBytes: 10 * MIB, maxInputBytesPerUser: 40 * MIB });
    const anna = join('anna');
    for (let n = 0; n < 2; n += 1) {
      anna.sayBinary(10 * MIB - 1_000);
      await turn();
    }
    expect(handedOn).toHaveLength(2);
    expect(anna.seen.isPaused).toBe(false);
  });

  it('has no more after a new dial than before it', async () => {
    const { handedOn, join } = startIntake();
    for (let dial = 0; dial < 4; dial += 1) {
      const eve = join('eve');
      eve.sayBinary(MIB - 1_000);
      await turn();
      eve.end();
    }
    expect(handedOn).toHaveLength(4);
    const eve = join('eve');
    eve.sayBinary(MIB);
    expect(eve.seen.isPaused).toBe(true);
    await turns(3);
    expect(handedOn).toHaveLength(4);
  });

  it('is not read from on a socket that joins meanwhile, nor after a new dial', async () => {
    const { clock, join } = startIntake();
    const eve = join('eve');
    for (let n = 0; n < 6; n += 1) eve.sayBinary(MIB);
    const next = join('eve');
    expect(next.seen.isPaused).toBe(true);
    eve.end();
    next.end();
    await turn();
    expect(join('eve').seen.isPaused).toBe(true);
    clock.passes(30_000);
    await turns(8);
    expect(join('eve').seen.isPaused).toBe(false);
  });

  it('leaves no timer when all is made good and nobody is there (I10)', async () => {
    const { clock, join } = startIntake();
    const eve = join('eve');
    for (let n = 0; n < 6; n += 1) eve.sayBinary(MIB);
    eve.end();
    await turns(8);
    clock.passes(10_000);
    await turns(8);
    clock.passes(10_000);
    expect(eve.seen.hasEnded).toBe(true);
    expect(clock.timerCount).toBe(0);
  });

  it('is not taken for dead meanwhile, nor for alive: nobody says a pong for it, and what was read is known', async () => {
    const { clock, join } = startIntake({ maxBytesPerSecond: 100_000 });
    const [flood, idle] = [join('eve', 'flood'), join('eve', 'idle')];
    clock.passes(5_000);
    expect(idle.readUntil()).toBe(clock.now());
    const heldAt = clock.now();
    for (let n = 0; n < 4; n += 1) flood.sayBinary(MIB);
    clock.passes(14_000);
    expect(idle.seen.isPaused).toBe(true);
    expect(idle.readUntil()).toBe(heldAt);
    expect(idle.seen.pongCount).toBe(0);
  });

  it('has been read up to the opening before the last, where each is followed by more than there is room for', async () => {
    const { clock, join } = startIntake();
    const [flood, idle] = [join('eve', 'flood'), join('eve', 'idle')];
    const openings: number[] = [];
    let wasPaused = false;
    for (let ms = 0; ms < 20_000; ms += 10) {
      if (!flood.seen.isPaused) flood.sayBinary(64 * KIB);
      await turn();
      clock.passes(10);
      if (wasPaused && !idle.seen.isPaused) openings.push(clock.now());
      wasPaused = idle.seen.isPaused;
      if (openings.length > 2) expect(clock.now() - idle.readUntil()).toBeLessThan(1_000);
    }
    expect(openings.length).toBeGreaterThan(50);
    expect(idle.seen.pongCount).toBe(0);
  });
});

describe('commands that run or wait', () => {
  it('count against their user, with the memory that they take: beyond its limit nothing is read until one is done', async () => {
    const { clock, handedOn, join } = startIntake();
    const [one, two, bert] = [join('eve', 'one'), join('eve', 'two'), join('bert')];
    one.kept(16 * MIB);
    one.say('a');
    expect(one.seen.isPaused).toBe(false);
    one.kept(1);
    one.say('b');
    expect([one, two, bert].map(({ seen }) => seen.isPaused)).toEqual([true, true, false]);
    clock.passes(60_000);
    two.say('c');
    await turns(3);
    expect(handedOn).toEqual(['one: a']);
    expect(clock.timerCount).toBe(0);
    one.kept(-1);
    await turns(3);
    expect(handedOn).toHaveLength(3);
    expect([one, two].map(({ seen }) => seen.isPaused)).toEqual([false, false]);
  });
});

describe('a message that is not complete', () => {
  const part = clientFrame(2, Buffer.alloc(60 * KIB), { isLast: false });
  const pong = clientFrame(10, Buffer.alloc(125));

  it('is refused with 1009 when more has come than a message and what may stand between its frames', () => {
    const { join } = startIntake({ maxBytesPerSecond: 100 * MIB });
    const eve = join('eve');
    const pongs = Buffer.concat(Array.from({ length: 480 }, () => pong));
    eve.arrive(part);
    for (let n = 0; n < 19; n += 1) eve.arrive(pongs);
    expect(eve.seen.closed).toBeNull();
    eve.arrive(pongs);
    expect(eve.seen.closed).toBe('1009 message too big');
    // Not even the answer to the close is read: `ws` would go on to collect what comes.
    expect(eve.seen.isPaused).toBe(true);
  });

  it.each([0, 1, 4_000])('is refused with 1009 beyond 256 frames, be it of %i bytes each', (bytes) => {
    const { join } = startIntake();
    const eve = join('eve');
    const payload = Buffer.alloc(bytes);
    eve.arrive(clientFrame(2, payload, { isLast: false }));
    for (let n = 1; n < 256; n += 1) eve.arrive(clientFrame(0, payload, { isLast: false }));
    expect(eve.seen.closed).toBeNull();
    eve.arrive(clientFrame(0, payload, { isLast: false }));
    expect(eve.seen.closed).toBe('1009 message too big');
  });

  it('is refused with 1009 when it comes in more than 4,096 pieces', () => {
    const { join } = startIntake();
    const eve = join('eve');
    const frame = clientFrame(2, Buffer.alloc(10_000));
    for (let at = 0; at < 4_096; at += 1) eve.arrive(frame.subarray(at, at + 1));
    expect(eve.seen.closed).toBeNull();
    eve.arrive(frame.subarray(4_096, 4_097));
    expect(eve.seen.closed).toBe('1009 message too big');
  });

  it('is refused with 4429 when all of one user together are more than may lie here', () => {
    const { join } = startIntake({ maxInputBytesPerUser: 2 * MIB, maxBytesPerSecond: 100 * MIB });
    const [one, two, three, bert] = [join('eve'), join('eve'), join('eve'), join('bert')];
    for (const socket of [one, two, bert]) for (let n = 0; n < 17; n += 1) socket.arrive(part);
    expect([one.seen.closed, two.seen.closed]).toEqual([null, null]);
    three.arrive(part);
    expect([one.seen.closed, two.seen.closed, bert.seen.closed]).toEqual([null, null, null]);
    expect(three.seen.closed).toBe('4429 too much at once');
    // What is gone counts no more.
    three.end();
    two.end();
    const four = join('eve');
    four.arrive(part);
    expect(four.seen.closed).toBeNull();
  });

  it('closes with 4408 when it does not come to an end: 30 s, and a second for each 4 KiB of it', () => {
    const { clock, join } = startIntake();
    const [drip, slow] = [join('drip'), join('slow')];
    const bytes = clientFrame(2, Buffer.alloc(100));
    drip.arrive(bytes.subarray(0, 1));
    slow.arrive(clientFrame(2, Buffer.alloc(40 * KIB)).subarray(0, 40 * KIB));
    clock.passes(29_000);
    // What drips does not begin again.
    drip.arrive(bytes.subarray(1, 2));
    clock.passes(999);
    expect(drip.seen.closed).toBeNull();
    clock.passes(1);
    expect([drip.seen.closed, slow.seen.closed]).toEqual(['4408 message too slow', null]);
    clock.passes(9_999);
    expect(slow.seen.closed).toBeNull();
    clock.passes(1);
    expect(slow.seen.closed).toBe('4408 message too slow');
    expect(clock.timerCount).toBe(0);
  });

  it('is as late whatever other messages come to their end meanwhile', () => {
    const { clock, join } = startIntake();
    const [drip, anna] = [join('drip'), join('anna')];
    const whole = clientFrame(2, Buffer.alloc(100));
    drip.arrive(Buffer.from([0x82]));
    anna.arrive(whole.subarray(0, 50));
    anna.arrive(whole.subarray(50));
    clock.passes(30_000);
    expect([drip.seen.closed, anna.seen.closed]).toEqual(['4408 message too slow', null]);
  });

  it('goes through on a slow link, 900 kB at 40 kbit/s, and every part of it is a sign of life', async () => {
    const { clock, handedOn, join } = startIntake();
    const anna = join('anna');
    const frame = clientFrame(2, Buffer.alloc(900_000));
    for (let at = 0; at < frame.length; at += 5_000) {
      anna.arrive(frame.subarray(at, at + 5_000));
      clock.passes(1_000);
    }
    expect(anna.seen.closed).toBeNull();
    expect(anna.seen.pongCount).toBeGreaterThan(100);
    expect(clock.timerCount).toBe(0);
    expect(handedOn).toEqual([]);
  });

  it('is not late for the time in which its user was not read from', () => {
    const { clock, join } = startIntake();
    const [drip, flood] = [join('eve', 'drip'), join('eve', 'flood')];
    drip.arrive(Buffer.from([0x82]));
    clock.passes(1_000);
    for (let n = 0; n < 44; n += 1) flood.sayBinary(MIB);
    expect(drip.seen.isPaused).toBe(true);
    clock.passes(35_000);
    expect(drip.seen.closed).toBeNull();
    // It is read from again after 40 s, and has 29 of its 30 left.
    clock.passes(29_000);
    expect([drip.seen.isPaused, drip.seen.closed]).toEqual([false, null]);
    clock.passes(40_000);
    expect(drip.seen.closed).toBe('4408 message too slow');
  });
});

describe('messages that wait for their turn', () => {
  it('are refused with 4429 when all of one user together are more than may lie here', () => {
    const { join } = startIntake({ maxInputBytesPerUser: 2 * MIB });
    const [one, two, three, bert] = [join('eve'), join('eve'), join('eve'), join('bert')];
    for (const socket of [one, two, bert, three]) socket.sayBinary(900 * KIB);
    expect([one, two, bert, three].map(({ seen }) => seen.closed)).toEqual([
      null,
      null,
      null,
      '4429 too much at once',
    ]);
  });

  it('count no more once they were handed on', async () => {
    const { handedOn, join } = startIntake({ maxInputBytesPerUser: 2 * MIB, maxBytesPerSecond: 100 * MIB });
    const anna = join('anna');
    for (let n = 0; n < 10; n += 1) {
      anna.sayBinary(900 * KIB);
      await turn();
    }
    expect(handedOn).toHaveLength(10);
    expect(anna.seen.closed).toBeNull();
  });
});

it('a socket whose frames wait by the thousand is closed with 4429, and none of them is handed on', async () => {
  const { handedOn, join } = startIntake();
  const eve = join('eve');
  eve.say(large(''));
  for (let n = 0; n < 4_095; n += 1) eve.say('[]');
  expect(eve.seen.closed).toBeNull();
  eve.say('[]');
  expect(eve.seen.closed).toBe('4429 too many frames');
  await turns(3);
  expect(handedOn).toEqual([]);
  // Not even the answer to the close is read: what goes on to come is for TCP to keep.
  expect(eve.seen.isPaused).toBe(true);
});

it('an intake that stops forgets what waits, lets every socket be read to its end and leaves no timer (I10)', async () => {
  const { intake, clock, handedOn, join } = startIntake();
  const [eve, anna, drip] = [join('eve'), join('anna'), join('drip')];
  for (let n = 0; n < 6; n += 1) eve.sayBinary(MIB);
  anna.say(large(''));
  anna.end();
  drip.arrive(Buffer.from([0x82]));
  intake.stop();
  expect(clock.timerCount).toBe(0);
  expect([eve.seen.isPaused, anna.seen.hasEnded]).toEqual([false, true]);
  eve.say('after it');
  drip.end();
  await turns(3);
  expect(handedOn).toEqual([]);
  expect(drip.seen.hasEnded).toBe(true);
  expect(clock.timerCount).toBe(0);
});
