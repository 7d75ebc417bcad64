/**
 * One person with a client of tRPC, over its WebSocket link. It comes back with the id of the last event that it has, as `tracked()` is
 * for. Its history is written in the words of the torture.
 */
import { WebSocket } from 'ws';
import { createTRPCClient, createWSClient, wsLink } from '../rivals/index.mjs';

const MAX_RETRY_MS = 3_000;

/** @type {import('../../tests/integration/torture/member.ts').OpenMember} */
export const openTrpcMember = ({ user, port, history }) => {
  const page = user;
  let saidCount = 0;
  let waitingCount = 0;
  let isAway = false;
  let isOpen = false;
  let lastEventId;
  let client = null;
  let trpc = null;

  const note = (uid, state, code) =>
    history.add({ what: 'entry', page, ref: uid, key: uid, uid, state, ...(code ? { code } : {}) });
  const dial = () => {
    client = createWSClient({
      WebSocket,
      url: `ws://127.0.0.1:${port}/?user=${user}`,
      // As our client in this benchmark.
      retryDelayMs: (attempt) => Math.min(500 * 2 ** attempt, MAX_RETRY_MS),
      keepAlive: { enabled: true, intervalMs: 1_000, pongTimeoutMs: 5_000 },
      onOpen() {
        isOpen = true;
      },
      onClose() {
        isOpen = false;
        if (!isAway) history.add({ what: 'dial', page });
      },
    });
    history.add({ what: 'dial', page });
    trpc = createTRPCClient({ links: [wsLink({ client })] });
    trpc.said.subscribe(lastEventId === undefined ? undefined : { lastEventId }, {
      onData({ id, data: { ref, part } }) {
        lastEventId = id;
        history.add({ what: 'applied', page, id, ref, part });
      },
      onError() {}, // the link begins it again where it can
    });
  };

  history.add({ what: 'page', page, user, keeps: false });
  dial();
  return {
    user,
    get isSettled() {
      return isOpen && waitingCount === 0;
    },
    get waitingCount() {
      return waitingCount;
    },
    get status() {
      if (isAway) return 'idle';
      return isOpen ? 'open' : 'connecting';
    },
    delivery: 'tracked',
    async say(what) {
      saidCount += 1;
      waitingCount += 1;
      const uid = `${page}/${saidCount}`;
      history.add({ what: 'said', page, uid, answer: 'queued', ...what });
      note(uid, 'queued');
      try {
        const { rejected } = await trpc.say.mutate({ uid, ...what });
        if (rejected) note(uid, 'failed', rejected);
        else note(uid, 'delivered');
      } catch {
        note(uid, 'failed', 'no-reply');
      }
      waitingCount -= 1;
    },
    leave() {
      isAway = true;
      isOpen = false;
      client.close();
    },
    comeBack() {
      isAway = false;
      dial();
    },
    end: () => void client.close(),
  };
};
