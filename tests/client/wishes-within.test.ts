import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { createFakeServer, createScenario, createVirtualClock } from 'statesocket/testing';
import { describe, expect, it } from 'vitest';

type Own = Parameters<typeof createConnection>[0];

/** A step of the world that comes too late, since a wish has ended the socket, does nothing. */
const late = (step: () => unknown): void => {
  try {
    step();
  } catch {
    // The fake server says that there is no such socket any more.
  }
};

/** A connection that notes for whom a token is asked, and does something the first time that the named callback runs. */
const begin = (place: string, wish: (connection: ReturnType<typeof createConnection>) => void) => {
  const asked: string[] = [];
  const done = new Set<string>();
  const isMade = { current: false };
  const within = (name: string): void => {
    if (name !== place || done.has(name)) return;
    done.add(name);
    wish(scenario.connection);
  };
  const options: Partial<Own> = {
    getToken: ({ userId }) => {
      asked.push(userId);
      within('getToken');
      return `token of ${userId}`;
    },
    url: ({ token }) => {
      within('url');
      return `wss://server.test/${token}`;
    },
    protocols: () => {
      within('protocols');
      return [];
    },
    inspect: () => {
      if (isMade.current) within('inspect');
    },
    backoff: () => {
      within('backoff');
      return 1_000;
    },
    classifyClose: () => {
      within('classifyClose');
      return undefined;
    },
    delivery: durableDelivery({
      durable: ({ type }) => {
        within('durable');
        return type === 'CHAT';
      },
    }),
  };
  const scenario = createScenario((wiring) =>
    createConnection({ url: 'wss://server.test/', ...wiring, ...options }),
  );
  const { connection, server } = scenario;
  connection.onOpen(() => within('onOpen'));
  connection.onMessage(() => within('onMessage'));
  connection.subscribe(() => within('subscribe'));
  connection.delivery.subscribe(() => within('delivery.subscribe'));
  connection.outbox.subscribe(() => within('outbox.subscribe'));
  connection.onError(() => within('onError'));
  connection.onDiscontinuity(() => within('onDiscontinuity'));
  connection.actor.subscribe(() => within('actor.subscribe'));
  isMade.current = true;
  /** A connect, a queued message, a socket, its WELCOME, a first load, messages, a fault, and a cut. */
  const lives = (): void => {
    connection.connect({ userId: 'ada' });
    connection.send({ type: 'CHAT' });
    const steps = [
      server.accepts,
      () => server.welcomes(),
      () => server.resumes(),
      () => server.sends({ type: 'NEWS' }),
      () => server.publishes({ type: 'CHATTED' }),
      () => server.sendsText('not JSON'),
      () => server.closes(1006),
    ];
    for (const step of steps) late(step);
    scenario.clock.passes(1_000);
  };
  return { ...scenario, asked, done, lives };
};

const PLACES = [
  'getToken',
  'url',
  'protocols',
  'inspect',
  'backoff',
  'classifyClose',
  'durable',
  'onOpen',
  'onMessage',
  'subscribe',
  'delivery.subscribe',
  'outbox.subscribe',
  'onError',
  'onDiscontinuity',
  'actor.subscribe',
];

/** XState tells an inspector of an event before the chart has it: what is wished there comes first. */
const STEPS = PLACES.filter((place) => place !== 'inspect');

describe('a wish from within a callback', () => {
  it.each(PLACES)('I10 dispose() in %s leaves no socket and no timer, and asks for nothing more', (place) => {
    let askedBefore = 0;
    let madeBefore = 0;
    let told = 0;
    const life = begin(place, (connection) => {
      connection.dispose();
      askedBefore = life.asked.length;
      madeBefore = life.server.sockets.length;
      connection.subscribe(() => {
        told += 1;
      });
    });
    life.lives();
    expect(life.done).toContain(place);
    expect(life.connection.status).toBe('idle');
    expect(life.connection.actor.getSnapshot().value).toBe('disposed');
    expect(life.server.live).toEqual([]);
    expect(life.clock.timerCount).toBe(0);
    expect(life.asked.length).toBe(askedBefore);
    expect(life.server.sockets.length).toBe(madeBefore);
    expect(told).toBe(0);
  });

  it.each(STEPS)(
    'I14 connect() of another user in %s ends with that user, who gets nothing of the former',
    (place) => {
      const heard: string[] = [];
      const life = begin(place, (connection) => {
        connection.onMessage(({ type }) => void heard.push(type));
        connection.connect({ userId: 'ben' });
        // What is said now is ben's, or refused.
        connection.send({ type: 'VOLATILE' });
        connection.send({ type: 'CHAT', of: 'ben' } as { type: string });
      });
      life.lives();
      expect(life.done).toContain(place);
      expect(life.connection.userId).toBe('ben');
      expect(life.server.live.length).toBeLessThanOrEqual(1);
      const ofAda = life.server.sockets.filter(({ url }) => url.includes('ada'));
      for (const { sent } of ofAda) {
        expect(JSON.stringify(sent)).not.toMatch(/VOLATILE|"of":"ben"/);
      }
      expect(life.asked.at(-1)).toBe('ben');
    },
  );

  it.each(STEPS)('I14 logout() and connect() of the same user in %s begin a life of their own', (place) => {
    const life = begin(place, (connection) => {
      connection.logout();
      connection.connect({ userId: 'ada' });
    });
    life.lives();
    expect(life.done).toContain(place);
    expect(life.connection.userId).toBe('ada');
    expect(life.server.live.length).toBeLessThanOrEqual(1);
  });

  it.each(STEPS)('I14 logout() in %s leaves nobody', (place) => {
    const life = begin(place, (connection) => connection.logout());
    life.lives();
    expect(life.done).toContain(place);
    expect(life.connection.userId).toBeNull();
    expect(life.server.live).toEqual([]);
    expect(life.connection.outbox.entries).toEqual([]);
  });
});

describe('a message whose making ends the time of its user', () => {
  it.each(['durable', 'toJSON'])('I14 is refused, and nobody else’s: %s() connects as another', (place) => {
    const scenario = createScenario((wiring) =>
      createConnection({
        url: 'wss://server.test/',
        ...wiring,
        delivery: durableDelivery({
          durable: () => {
            if (place === 'durable') scenario.connection.connect({ userId: 'ben' });
            return true;
          },
        }),
      }),
    );
    const { connection, errors } = scenario;
    connection.connect({ userId: 'ada' });
    const text = {
      toJSON: () => {
        if (place === 'toJSON') connection.connect({ userId: 'ben' });
        return 'for ada’s match';
      },
    };
    expect(connection.send({ type: 'CHAT', text })).toBe('refused');
    expect(connection.userId).toBe('ben');
    expect(connection.outbox.entries).toEqual([]);
    expect(errors.map(({ code }) => code)).toContain('not-connected');
  });
});

describe('a frame that comes when the chart has left its socket', () => {
  it.each(['logout', 'connect'] as const)('I14 a WELCOME in the step of %s() links nobody', (wish) => {
    let deliver = (): void => {};
    const scenario = createScenario((wiring) =>
      createConnection({
        ...wiring,
        // Its listeners run while the socket is abandoned.
        url: ({ signal }) => {
          signal.addEventListener('abort', () => deliver());
          return 'wss://server.test/';
        },
        delivery: durableDelivery({ durable: ({ type }) => type === 'CHAT' }),
      }),
    );
    const { connection, server, errors } = scenario;
    connection.connect({ userId: 'ada' });
    server.accepts();
    const [former] = server.sockets;
    deliver = () =>
      former?.deliver.frame('{"type":"WELCOME","ext":"statesocket","v":1,"window":32,"heartbeatMs":10000}');
    connection.subscribe(() => deliver());
    if (wish === 'logout') connection.logout();
    else connection.connect({ userId: 'ben' });
    connection.send({ type: 'CHAT' });
    expect(former?.sent).toEqual([]);
    expect(connection.delivery.getSnapshot().status).toBe('waiting');
    expect(errors.map(({ code }) => code)).toEqual(wish === 'logout' ? ['not-connected'] : []);
    connection.dispose();
  });
});

describe('two connections of one durableDelivery value', () => {
  it('have an outbox, a log and an end each', () => {
    const delivery = durableDelivery({ durable: ({ type }) => type === 'CHAT' });
    const clock = createVirtualClock();
    const make = () => {
      const server = createFakeServer();
      const connection = createConnection({
        url: 'wss://s.test/',
        WebSocket: server.WebSocket,
        clock,
        delivery,
      });
      return { server, connection };
    };
    const one = make();
    const other = make();
    one.connection.connect({ userId: 'ada' });
    other.connection.connect({ userId: 'ben' });
    one.connection.send({ type: 'CHAT' });
    expect([one.connection.outbox.entries.length, other.connection.outbox.entries.length]).toEqual([1, 0]);
    for (const { server } of [one, other]) {
      server.accepts();
      server.welcomes();
      server.resumes();
    }
    one.connection.dispose();
    expect(other.connection.delivery.getSnapshot().status).toBe('live');
    expect(other.connection.status).toBe('open');
    other.connection.dispose();
    expect(clock.timerCount).toBe(0);
  });
});
