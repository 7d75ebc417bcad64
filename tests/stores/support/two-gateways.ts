import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { openPage, startGatewayProcess } from './gateway-processes.ts';

/** How long a node that was killed is taken for alive, and the time until it is noticed. */
const LEASE_MS = 25_000;

const say = (n: number, to: string, text: string) => ({
  type: 'SAY',
  to,
  text,
  clientId: 'page',
  n,
  key: `k${n}`,
});

/**
 * What two gateways in two processes do over one store.
 *
 * @param engine `MODULE#FUNCTION`, under the name that users import.
 * @param makeStore Makes an empty store. The options of an engine on it, as JSON can carry them.
 */
export const describeTwoGateways = (
  store: string,
  engine: string,
  makeStore: () => Promise<object>,
): void => {
  /** Two gateways in two processes over one store. */
  const startTwo = async () => {
    const options = await makeStore();
    const start = () => startGatewayProcess(engine, options);
    const [one, two] = await Promise.all([start(), start()]);
    return { one, two, start };
  };

  describe(`two gateways in two processes over one ${store}`, () => {
    it('carry a chat between users at either, with typing and presence, and sign a user out at both', async () => {
      const { one, two } = await startTwo();
      const anna = await openPage(one, 'anna');
      const bert = await openPage(two, 'bert');
      // Of herself she may hear too: her list may be read before her own coming is announced.
      const others = () => anna.of('USER_ONLINE').filter(({ userId }) => userId !== 'anna');
      await vi.waitFor(() => expect(others()).toMatchObject([{ userId: 'bert' }]), 10_000);
      expect(bert.of('PRESENCE')).toEqual([{ type: 'PRESENCE', online: ['anna', 'bert'] }]);

      anna.say(say(1, 'bert', 'hello'));
      await vi.waitFor(() => expect(bert.of('SAID')).toMatchObject([{ from: 'anna', text: 'hello' }]), 1_900);
      await vi.waitFor(() => expect(anna.of('RECEIPT')).toMatchObject([{ n: 1, rejected: [] }]), 5_000);
      bert.say({ type: 'TYPES', to: 'anna' });
      await vi.waitFor(() => expect(anna.of('TYPING')).toHaveLength(1), 5_000);
      for (let n = 2; n <= 30; n += 1) anna.say(say(n, 'bert', `${n}`));
      await vi.waitFor(() => expect(bert.of('SAID')).toHaveLength(30), 10_000);
      expect(bert.of('SAID').map(({ text }) => text)).toEqual([
        'hello',
        ...Array.from({ length: 29 }, (_, at) => `${at + 2}`),
      ]);

      const second = await openPage(one, 'bert');
      await one.ask('disconnectUser', 'bert', 4401, 'signed out');
      expect(await Promise.all([bert.closed, second.closed])).toEqual([
        { code: 4401, reason: 'signed out' },
        { code: 4401, reason: 'signed out' },
      ]);
      await vi.waitFor(() => expect(anna.of('USER_OFFLINE')).toMatchObject([{ userId: 'bert' }]), 10_000);
      expect(await two.ask('findOnline', ['anna', 'bert'])).toEqual(['anna']);
      expect([...one.errors, ...two.errors]).toEqual([]);
    });

    it('lose nothing when one is killed (kill -9): its page goes on at the other, and its users go offline', async () => {
      const { one, two, start } = await startTwo();
      const anna = await openPage(one, 'anna');
      const cleo = await openPage(one, 'cleo');
      const bert = await openPage(two, 'bert');
      for (let n = 1; n <= 10; n += 1) bert.say(say(n, 'anna', `${n}`));
      await vi.waitFor(() => expect(anna.of('SAID').length).toBeGreaterThan(2), 10_000);
      one.child.kill('SIGKILL');
      await once(one.child, 'exit');
      await Promise.all([anna.closed, cleo.closed]);
      for (let n = 11; n <= 20; n += 1) bert.say(say(n, 'anna', `${n}`));

      const again = await openPage(two, 'anna', String(anna.of('SAID').at(-1)?.id));
      expect(again.of('RESUMED')).toMatchObject([{ ok: true }]);
      const texts = () => [...anna.of('SAID'), ...again.of('SAID')].map(({ text }) => text);
      await vi.waitFor(() => expect(texts()).toHaveLength(20), 10_000);
      expect(texts()).toEqual(Array.from({ length: 20 }, (_, at) => `${at + 1}`));

      await vi.waitFor(() => expect(bert.of('USER_OFFLINE')).toMatchObject([{ userId: 'cleo' }]), LEASE_MS);
      expect(bert.of('USER_OFFLINE').some(({ userId }) => userId === 'anna')).toBe(false);

      const third = await start();
      const back = await openPage(third, 'cleo');
      expect(back.of('PRESENCE')).toEqual([{ type: 'PRESENCE', online: ['anna', 'bert', 'cleo'] }]);
      back.say(say(1, 'bert', 'back'));
      await vi.waitFor(() => expect(bert.of('SAID').at(-1)).toMatchObject({ text: 'back' }), 5_000);
    });

    it('are exchanged one after the other without anybody seeing more than a new socket', async () => {
      const { one, two } = await startTwo();
      const anna = await openPage(one, 'anna');
      const bert = await openPage(two, 'bert');
      const stopping = one.ask('stop');
      expect(await anna.closed).toMatchObject({ code: 1012 });
      const again = await openPage(two, 'anna');
      await stopping;
      bert.say(say(1, 'anna', 'still there?'));
      await vi.waitFor(() => expect(again.of('SAID')).toMatchObject([{ text: 'still there?' }]), 5_000);
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      expect(bert.of('USER_OFFLINE')).toEqual([]);
      expect(two.errors).toEqual([]);
    });
  });
};
