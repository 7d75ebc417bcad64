import { clusterSite } from './cluster-site.ts';
import { postgresServers } from './postgres-servers.ts';
import { redisServers } from './redis-servers.ts';
import type { Reported, Site } from './site.ts';

/** Gateways of ours over a store of this name. */
export const openCluster = async (options: {
  readonly store: string;
  readonly seed: number;
  readonly nodeCount: number;
  readonly nodeScript: string;
  readonly retainedCount: number;
  /** For Postgres: the files of an empty server. */
  readonly template: string;
  readonly users: readonly string[];
  readonly reported: Reported;
}): Promise<Site> => {
  const { store: name, retainedCount, users, reported, seed, nodeCount, nodeScript } = options;
  const isPostgres = name === 'postgres';
  const store = isPostgres ? await postgresServers(options.template) : await redisServers();
  const urlOf = (port: number) =>
    isPostgres ? `postgres://postgres@127.0.0.1:${port}/postgres` : `redis://127.0.0.1:${port}`;
  return clusterSite({
    seed,
    nodeCount,
    nodeScript,
    store,
    reported,
    argsOf: (storePort, port) => [
      name,
      urlOf(storePort),
      String(port),
      String(retainedCount),
      users.join(','),
      store.historyUrl ?? '',
    ],
  });
};
