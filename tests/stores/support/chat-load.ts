import { type ConnectionOptions, createConnection, exponentialBackoff, type WireMessage } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { expect, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { conversationsOf, type Person } from '../../app/server/support/person.ts';
import { ticketOf } from '../../app/server/support/test-socket.ts';

/** Within seconds, where people wait longer. */
const BACKOFF = exponentialBackoff({ baseMs: 200, capMs: 2_000 });
const patience = { timeout: 40_000, interval: 50 };

/** A page of a person: a client of ours, as RednGift's page has one, its outbox in memory. */
export const openClient = (url: string, person: Person) => {
  const heard: { readonly from: string; readonly text: string }[] = [];
  const closes: { readonly code: number; readonly atMs: number }[] = [];
  const dialsMs: number[] = [];
  const problems: string[] = [];
  class RecordedSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      dialsMs.push(performance.now());
      this.once('close', (code) => closes.push({ code, atMs: performance.now() }));
    }
  }
  const options: ConnectionOptions<WireMessage> = {
    url: ({ token }) => `${url.replace('http', 'ws')}/connect/${token}/`,
    getToken: () => ticketOf(url, person.token),
    WebSocket: RecordedSocket,
    backoff: BACKOFF,
    maxRetries: 1_000,
    delivery: durableDelivery({ server: 'statesocket', durable: ({ type }) => type === 'SEND_MESSAGE' }),
  };
  const connection = createConnection(options);
  onTestFinished(() => connection.dispose());
  connection.onError(() => {}); // a server that is away is reported by each attempt
  connection.onDiscontinuity(async ({ reason }) => {
    if (reason !== 'first') problems.push(`discontinuity: ${reason}`);
  });
  connection.on('NEW_MESSAGE', ({ payload }) => {
    const { mine, conversationId, text } = payload as { mine: boolean; conversationId: string; text: string };
    if (!mine) heard.push({ from: conversationId, text });
  });
  connection.connect({ userId: person.id });
  return {
    person,
    connection,
    heard,
    closes,
    dialsMs,
    problems,
    opens: () => vi.waitFor(() => expect(connection.status).toBe('open'), patience),
    waitingCount: () =>
      connection.outbox.entries.filter(({ state }) => state === 'queued' || state === 'sent').length,
  };
};
export type Client = ReturnType<typeof openClient>;

/** Everybody writes to the person they give to, all the time. */
export const startTalk = async (clients: readonly Client[], everyMs: number) => {
  const talks = await Promise.all(
    clients.map(async (client) => {
      const room = (await conversationsOf(client.person)).find(({ role }) => role === 'giver');
      const listener = clients.find(({ person }) => person.id === room?.partnerId);
      if (room === undefined || listener === undefined) throw new Error('Nobody listens.');
      return { client, listener, room: room.id, said: [] as string[] };
    }),
  );
  const timer = setInterval(() => {
    for (const { client, room, said } of talks) {
      const text = `${said.length + 1}`;
      said.push(text);
      client.connection.send({ type: 'SEND_MESSAGE', conversationId: room, text });
    }
  }, everyMs);
  onTestFinished(() => clearInterval(timer));
  const heardOf = ({ listener, room }: (typeof talks)[number]) =>
    listener.heard.filter(({ from }) => from === room).map(({ text }) => text);
  return {
    /** How much each has said and been heard by now. */
    get heardCount() {
      return Math.min(...talks.map((talk) => heardOf(talk).length));
    },
    /** Says nothing more, and waits until all is there: each message once, in order, and nobody had to reload. */
    async end() {
      clearInterval(timer);
      await vi.waitFor(() => {
        for (const talk of talks) expect(heardOf(talk).length).toBeGreaterThanOrEqual(talk.said.length);
      }, patience);
      for (const talk of talks) expect(heardOf(talk)).toEqual(talk.said);
      await vi.waitFor(
        () => expect(clients.map((client) => client.waitingCount())).toEqual(clients.map(() => 0)),
        patience,
      );
      expect(clients.flatMap(({ problems }) => problems)).toEqual([]);
      return talks.reduce((sum, { said }) => sum + said.length, 0);
    },
    /** Waits until each has been heard so often more. */
    async goesOn(count: number) {
      const from = Math.min(...talks.map((talk) => heardOf(talk).length));
      await vi.waitFor(
        () =>
          expect(Math.min(...talks.map((talk) => heardOf(talk).length))).toBeGreaterThanOrEqual(from + count),
        patience,
      );
    },
  };
};
