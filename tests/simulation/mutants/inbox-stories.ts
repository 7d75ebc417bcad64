import type { WireMessage } from 'statesocket';
import { demand } from '../implementation.ts';
import { beginOpen, type Story } from './story.ts';

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
      const told = beginOpen(implementation, { ack });
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
      const told = beginOpen(implementation, { ack });
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
