/**
 * One person with a client of Socket.IO, set up for "at least once" as its documents advise: `retries` and `ackTimeout`
 * of the documents' example. Its history is written in the words of the torture.
 */
import { io } from '../rivals/index.mjs';

/** @type {import('../../tests/integration/torture/member.ts').OpenMember} */
export const openSocketIoMember = ({ user, port, history }) => {
  const page = user;
  const socket = io(`http://127.0.0.1:${port}/`, {
    forceNew: true,
    transports: ['websocket'],
    auth: { user },
    retries: 3,
    ackTimeout: 10_000,
    // As our client in this benchmark.
    timeout: 3_000,
    reconnectionDelay: 500,
    reconnectionDelayMax: 3_000,
  });
  let saidCount = 0;
  let waitingCount = 0;
  let isAway = false;

  const note = (uid, state, code) =>
    history.add({ what: 'entry', page, ref: uid, key: uid, uid, state, ...(code ? { code } : {}) });

  history.add({ what: 'page', page, user, keeps: false });
  history.add({ what: 'dial', page });
  socket.io.on('reconnect_attempt', () => history.add({ what: 'dial', page }));
  socket.on('said', ({ ref, part }, offset) => {
    history.add({ what: 'applied', page, ref, part });
    if (typeof offset === 'number') socket.auth.serverOffset = offset;
  });

  return {
    user,
    get isSettled() {
      return socket.connected && waitingCount === 0;
    },
    get waitingCount() {
      return waitingCount;
    },
    get status() {
      if (isAway) return 'idle';
      return socket.connected ? 'open' : 'connecting';
    },
    get delivery() {
      return socket.recovered ? 'recovered' : 'not recovered';
    },
    say(what) {
      saidCount += 1;
      waitingCount += 1;
      const uid = `${page}/${saidCount}`;
      history.add({ what: 'said', page, uid, answer: 'queued', ...what });
      note(uid, 'queued');
      socket.emit('say', { uid, ...what }, uid, (error, answer) => {
        waitingCount -= 1;
        if (error) note(uid, 'failed', 'retries-spent');
        else if (answer.rejected) note(uid, 'failed', answer.rejected);
        else note(uid, 'delivered');
      });
    },
    leave() {
      isAway = true;
      socket.disconnect();
    },
    comeBack() {
      isAway = false;
      socket.connect();
    },
    end: () => void socket.close(),
  };
};
