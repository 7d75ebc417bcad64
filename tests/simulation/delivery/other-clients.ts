import { createHost } from './host.ts';
import type { World } from './world.ts';

/** When its socket is gone too: a user may have so many. */
const GONE_MS = 15_000;

/** A socket of a client that is none of ours. It says these as soon as it hears WELCOME. */
const dial = (
  world: World,
  who: { readonly name: string; readonly user: string },
  commands: readonly object[],
  onReceipt: (send: (command: object) => void) => void = () => {},
): void => {
  const link = world.network.dial(
    { ...who, host: createHost(world.scheduler, who.name) },
    {
      opened() {},
      received(text) {
        const send = (command: object): void => link.send(JSON.stringify(command));
        if (text.includes('WELCOME')) for (const command of commands) send(command);
        if (text.includes('RECEIPT')) onReceipt(send);
      },
      closed() {},
    },
  );
  world.scheduler.after(GONE_MS, () => link.close());
};

/** It sends two commands under one number. */
export const reuseNumber = (world: World, user: string): void => {
  const name = `${user} again ${world.scheduler.stepCount}`;
  const say = (key: string) => ({
    type: 'SAY',
    uid: `${name}/1`,
    to: [],
    parts: 1,
    mood: 'done',
    clientId: name,
    n: 1,
    key,
  });
  dial(world, { name, user }, [say(`first of ${name}`)], (send) => send(say(`second of ${name}`)));
};

const COMMAND_COUNT = 6;
const SECOND_SOCKET_MS = 1_000;

/** Its page is gone and has left the last of its commands only; the socket that carries the others is still at work. */
export const speakOnTwoSockets = (world: World, user: string): void => {
  const { history, app, plan, scheduler } = world;
  const name = `${user} forgetful ${scheduler.stepCount}`;
  const to = plan.users.filter((other) => other !== user);
  history.add({ what: 'page', page: name, user, keeps: false });
  const commands = Array.from({ length: COMMAND_COUNT }, (_, index) => {
    const n = index + 1;
    const uid = `${name}/${n}`;
    const key = `${n} of ${name}`;
    const say = { uid, to, parts: 1, mood: 'done' } as const;
    history.add({ what: 'said', page: name, answer: 'queued', ...say });
    history.add({ what: 'entry', page: name, ref: app.refOf(key, uid), key, uid, state: 'queued' });
    return { type: 'SAY', ...say, clientId: name, n, key };
  });
  history.add({ what: 'page gone', page: name });
  dial(world, { name, user }, commands.slice(0, -1));
  scheduler.after(SECOND_SOCKET_MS, () => dial(world, { name, user }, commands.slice(-1)));
};
