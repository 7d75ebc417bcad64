import type { WireMessage } from 'statesocket';
import { demand } from '../implementation.ts';
import { beginOpen, PLAIN, promisesSettle, type Story } from './story.ts';

/** Ben's socket is open, and his server has spoken. */
const meetsBen = ({ connection, server }: ReturnType<typeof beginOpen>): void => {
  connection.connect({ userId: 'ben' });
  server.accepts();
  server.sends({ type: 'HEARTBEAT' });
};

const message = (id: string) => ({ type: 'NEW_MESSAGE', id });

/** What may reach a listener, whose it is, and what the server may hear of it. */
export const inboxStories: readonly Story[] = [
  {
    name: 'an abandoned socket reaches nobody',
    holds(implementation) {
      const asked: unknown[] = [];
      const heard: unknown[] = [];
      const ack = ({ id }: WireMessage) => void asked.push(id);
      const told = beginOpen(implementation, { ...PLAIN, ack });
      const { connection, server, errors } = told;
      connection.onMessage(({ type }) => void heard.push(type));
      meetsBen(told);
      const [former] = server.sockets;
      former?.deliver.frame(JSON.stringify(message('m1')));
      former?.deliver.frame('not JSON');
      demand(heard.length === 0, 'I14', () => `ben hears ${heard}`);
      demand(asked.length === 0, 'I14', () => `ben's app is asked for the id of ${asked}`);
      demand(errors.length === 0, 'I1', () => `reported is ${errors.map(({ code }) => code)}`);
    },
  },
  {
    name: 'a batch ends where a listener switches the user',
    holds(implementation) {
      const asked: unknown[] = [];
      const heard: string[] = [];
      const ack = ({ id }: WireMessage) => void asked.push(id);
      const told = beginOpen(implementation, { ...PLAIN, ack });
      const { connection, server } = told;
      connection.on('NEW_MESSAGE', ({ id }) => {
        heard.push(`first ${id}`);
        meetsBen(told);
      });
      connection.on('NEW_MESSAGE', ({ id }) => void heard.push(`second ${id}`));
      server.sends([message('m1'), message('m2')]);
      demand(heard.join() === 'first m1', 'I14', () => `heard is ${heard}`);
      demand(asked.join() === 'm1', 'I14', () => `asked for is the id of ${asked}`);
    },
  },
  {
    name: 'an ACK follows the listeners',
    holds(implementation) {
      const { connection, server } = beginOpen(implementation);
      server.sends(message('m0'));
      demand(server.received.length === 0, 'I6', () => 'an ACK for what nobody listens to');
      connection.on('NEW_MESSAGE', () => {
        demand(server.received.length === 0, 'I6', () => 'an ACK before the listener');
      });
      server.sends(message('m1'));
      demand(server.received.length === 1, 'I6', () => `${server.received.length} ACKs after the listener`);
    },
  },
  {
    name: 'who listens is judged at each turn',
    holds(implementation) {
      const { connection, server } = beginOpen(implementation);
      const heard: string[] = [];
      let stop = (): void => {};
      connection.on('NEW_MESSAGE', ({ id }) => {
        heard.push(`first ${id}`);
        stop();
        if (id === 'm1') connection.on('NEW_MESSAGE', ({ id }) => void heard.push(`added ${id}`));
      });
      stop = connection.on('NEW_MESSAGE', ({ id }) => void heard.push(`removed ${id}`));
      server.sends(message('m1'), message('m2'));
      demand(heard.join() === 'first m1,first m2,added m2', 'inbox', () => `heard is ${heard}`);
    },
  },
  {
    name: 'an id that cannot be told from another is none',
    holds(implementation) {
      const { connection, server } = beginOpen(implementation);
      let count = 0;
      connection.on('NEW_MESSAGE', () => {
        count += 1;
      });
      server.sendsText('{"type":"NEW_MESSAGE","id":9007199254740992}');
      server.sendsText('{"type":"NEW_MESSAGE","id":9007199254740993}');
      demand(count === 2, 'I4', () => `${count} of two messages are heard`);
    },
  },
  {
    name: 'a server that replies to ACKs does not drive them',
    async holds(implementation) {
      const { connection, server } = beginOpen(implementation);
      connection.onMessage(() => {});
      const { latest } = server;
      const send = latest.send.bind(latest);
      let count = 0;
      latest.send = (data) => {
        send(data);
        count += 1;
        if (count < 1_000) queueMicrotask(() => server.sends({ type: 'ERROR', id: count }));
      };
      server.sends(message('m1'));
      await promisesSettle();
      demand(count <= 20, 'I15', () => `${count} ACKs in no time`);
    },
  },
  {
    name: 'an ACK follows the promises of the listeners',
    async holds(implementation) {
      const { connection, server } = beginOpen(implementation);
      let settle = (): void => {};
      connection.on(
        'NEW_MESSAGE',
        () =>
          new Promise<void>((resolve) => {
            settle = resolve;
          }),
      );
      server.sends(message('m1'), message('m1'));
      await promisesSettle();
      demand(server.received.length === 0, 'I6', () => 'an ACK before the promise has settled');
      settle();
      await promisesSettle();
      demand(server.received.length === 1, 'I6', () => `${server.received.length} ACKs after that`);
    },
  },
  {
    name: 'the ACK of a log stops before what is not settled',
    holds(implementation) {
      const { connection, server, clock } = beginOpen(implementation);
      connection.on('SAVE', () => new Promise<void>(() => {}));
      connection.on('NEW_MESSAGE', () => {});
      server.welcomes();
      server.resumes();
      server.publishes({ type: 'SAVE' }, { type: 'NEW_MESSAGE' });
      clock.passes(1_000);
      const acked = (server.received as WireMessage[]).filter(({ type }) => type === 'ACK');
      demand(acked.at(-1)?.messageId === '0', 'I6', () => `acknowledged is ${JSON.stringify(acked.at(-1))}`);
    },
  },
  {
    name: 'a message is applied once for each user',
    holds(implementation) {
      const { connection, server } = beginOpen(implementation);
      const heard: string[] = [];
      connection.on('NEW_MESSAGE', ({ id }) => void heard.push(`${connection.userId} ${id}`));
      server.sends(message('m1'), message('m1'));
      demand(heard.join() === 'ada m1', 'I4', () => `heard is ${heard}`);
      connection.connect({ userId: 'ben' });
      server.accepts();
      server.sends(message('m1'), message('m1'));
      demand(heard.join() === 'ada m1,ben m1', 'I14', () => `heard is ${heard}`);
    },
  },
];
