import { createConnection } from 'statesocket';
import { durableDelivery } from 'statesocket/delivery';
import { WebSocket } from 'ws';
import { countAcks } from '../count-acks.mjs';

/** A connection in one mode. `sample` asks for messages and answers the CPU that this process spent on each, in µs. */
export const connectReceiver = async (url, mode) => {
  const acks = countAcks(WebSocket);
  const connection = createConnection({
    url: `${url}?${mode}`,
    WebSocket: acks.WebSocket,
    ack: mode === 'plain with id and ACK',
    ...(mode === 'extension' ? { delivery: durableDelivery() } : {}),
  });
  connection.onError((error) => {
    throw error;
  });
  let left = 0;
  let done = () => {};
  connection.on('NEW_MESSAGE', (message) => {
    if (message.payload.text.length === 0) throw new Error('An empty message.');
    left -= 1;
    if (left === 0) done();
  });
  const ready = mode === 'extension' ? 'live' : 'plain';
  await new Promise((resolve) => {
    connection.delivery.subscribe(() => connection.delivery.getSnapshot().status === ready && resolve());
    connection.connect({ userId: 'ada' });
  });
  return {
    async sample(count, paced) {
      left = count;
      const received = new Promise((resolve) => {
        done = resolve;
      });
      const before = process.cpuUsage();
      connection.send({ type: 'GO', count, paced });
      await Promise.all([received, mode === 'plain with id and ACK' ? acks.sent(count) : undefined]);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / count;
    },
    close: connection.dispose,
  };
};
