import type { WireMessage } from '../../../src/protocol/message.ts';
import type { GatewayNode, NodeOptions } from './gateway-node.ts';
import { createHost } from './host.ts';
import type { Link } from './link.ts';
import { createNodeEngine } from './node-engine.ts';

/** How often it says something by itself. */
const NEWS_MS = 4_000;

/** A server of somebody else's: it passes messages on, repeats what was not acknowledged, and knows no extension. */
export const createPlainNode = (options: NodeOptions & { readonly ownWelcome: boolean }): GatewayNode => {
  const { name, scheduler, latencyMs } = options;
  const host = createHost(scheduler, name);
  const line = options.model.open(host);
  /** What each open link was sent and has not acknowledged. */
  const links = new Map<Link, Map<number, string>>();
  let idCount = 0;

  const tell = (link: Link, message: WireMessage) => {
    idCount += 1;
    const text = JSON.stringify({ id: idCount, ...message });
    links.get(link)?.set(idCount, text);
    link.transport.send(text);
  };
  const tellAll = (ref: string) => {
    for (const link of links.keys()) tell(link, { type: 'SAID', uid: ref, ref, part: 0 });
  };
  const speak = () => {
    tellAll(`${name} news ${idCount}`);
    for (const [link, unheard] of links) for (const text of unheard.values()) link.transport.send(text);
    host.after(NEWS_MS, speak);
  };
  host.after(NEWS_MS, speak);

  return {
    name,
    host,
    store: createNodeEngine({ host, scheduler, store: line.engine, latencyMs, die: options.die }),
    line,
    kick() {},
    accept(link) {
      links.set(link, new Map());
      link.accept();
      if (options.ownWelcome) tell(link, { type: 'WELCOME', text: 'Nice to see you.' });
      link.bind({
        receiveText(text) {
          const message = JSON.parse(text) as WireMessage;
          if (message.type === 'ACK') links.get(link)?.delete(message.messageId as number);
          else tellAll(`${name} passes on ${message.uid}`);
        },
        receivePong() {},
        transportClosed: () => void links.delete(link),
      });
    },
    announce() {},
    drain() {
      for (const link of links.keys()) link.transport.close(1001, 'bye');
    },
  };
};
