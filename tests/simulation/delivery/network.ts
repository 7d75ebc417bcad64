import type { GatewayNode } from './gateway-node.ts';
import type { History, WireMember } from './history.ts';
import type { Host } from './host.ts';
import { type ClientEnd, createLink, type Link } from './link.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Whoever dials. */
export interface Caller {
  readonly name: string;
  readonly user: string;
  readonly host: Host;
}

/** A load balancer in front of the gateways that run, and all links that it ever made. */
export interface Network {
  readonly links: readonly Link[];
  dial(caller: Caller, client: ClientEnd): Link['client'];
}

const REFUSED_MS = 10;
const NOWHERE: Link['client'] = { send() {}, close() {}, bufferedAmount: 0 };

const membersOf = (text: string): readonly WireMember[] => {
  const frame = JSON.parse(text) as WireMember | readonly WireMember[];
  return Array.isArray(frame) ? frame : [frame as WireMember];
};

export const createNetwork = (options: {
  readonly scheduler: Scheduler;
  readonly history: History;
  readonly nodes: readonly (GatewayNode | null)[];
  /** Users whose network is gone. */
  readonly offline: ReadonlySet<string>;
  /** Whether the servers know the extension. */
  readonly speaks: boolean;
  readonly routes: Random;
  readonly latencyOf: (link: number) => () => number;
}): Network => {
  const { scheduler, history, nodes, offline, speaks, routes } = options;
  const links: Link[] = [];
  return {
    links,
    dial({ name, user, host }, client) {
      history.add({ what: 'dial', page: name });
      const up = nodes.filter((node) => node !== null);
      if (up.length === 0 || offline.has(user)) {
        host.after(REFUSED_MS, () => client.closed(1006, '', false));
        return NOWHERE;
      }
      const id = links.length + 1;
      const node = routes.fork(`${name} ${id}`).pick(up);
      const link = createLink({
        id,
        userId: user,
        scheduler,
        page: host,
        node: node.host,
        latencyMs: options.latencyOf(id),
        client,
        tap(way, text) {
          const frame = {
            what: 'frame',
            link: id,
            way,
            members: membersOf(text),
            bytes: text.length,
          } as const;
          const { heldBytes: held } = link[way];
          history.add({ ...frame, moment: 'sent', held });
          return () => history.add({ ...frame, moment: 'arrived', held: link[way].heldBytes });
        },
        closed: (by, code) => history.add({ what: 'closed', link: id, by, code }),
      });
      links.push(link);
      history.add({ what: 'link', link: id, page: name, user, speaks });
      link.handshake(() => node.accept(link));
      return link.client;
    },
  };
};
