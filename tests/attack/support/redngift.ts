import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { type Person, signIn } from '../../app/server/support/person.ts';
import { spawnServer } from '../../app/server/support/server-process.ts';
import { temporaryFolder } from '../../app/server/support/test-server.ts';
import { rawPeer } from './raw-peer.ts';

/** Waits longer than a busy machine takes. */
export const soon = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 10 });

/** RednGift as a process of its own, with its demo people. */
export const startRednGift = async (cli: { readonly file: string }) => {
  const process = spawnServer(cli.file, { PORT: '0', DATA_DIR: await temporaryFolder() });
  const url = await process.url;
  const stop = async () => {
    process.child.kill('SIGTERM');
    await soon(() => expect(process.output.stdout).toContain('Stopping.'));
  };
  return { ...process, url, port: Number(new URL(url).port), stop };
};

/** The control group: two people who are signed in, and one writes to the other. */
export const chat = async (ada: Person, ben: Person) => {
  const [from, to] = await Promise.all([ada.connect(), ben.connect()]);
  const conversations: { id: string; partnerId: string | null }[] = JSON.parse(
    (await ada.call('GET', '/api/conversations')).text,
  );
  const conversationId = conversations.find(({ partnerId }) => partnerId === ben.id)?.id;
  // A message, since signs of typing that follow each other within a second are dropped.
  const text = randomUUID();
  from.send({ type: 'SEND_MESSAGE', conversationId, text });
  await to.next('NEW_MESSAGE', ({ payload }) => (payload as { text?: unknown }).text === text);
  return { from, to };
};

export const demoPeople = (url: string) =>
  Promise.all([signIn(url, 'ada@demo.test', 'demo-secret'), signIn(url, 'ben@demo.test', 'demo-secret')]);

/** What a peer sends that stops in the midst of a body. */
export const HALF_BODY =
  'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"email": "';

export const many = (count: number, port: number, options?: { from?: string; isDeaf?: boolean }) =>
  Promise.all(Array.from({ length: count }, () => rawPeer(port, options)));
