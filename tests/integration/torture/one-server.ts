import { join } from 'node:path';
import { lastingPort } from '../../support/free-port.ts';
import { ONE_SERVER } from './fault-script.ts';
import { createServerProcess } from './server-process.ts';
import type { Reported, Site, Witnessed } from './site.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One gateway process on one file. */
export const oneServer = async (options: {
  readonly serverScript: string;
  readonly directory: string;
  readonly retainedCount: number;
  readonly users: readonly string[];
  readonly witnessed: (
    file: string,
    refOf: (key: string) => string | undefined,
  ) => Witnessed | Promise<Witnessed>;
  readonly reported: Reported;
}): Promise<Site> => {
  const file = join(options.directory, 'torture.db');
  const port = await lastingPort();
  const server = createServerProcess(
    options.serverScript,
    [file, String(port), String(options.retainedCount), options.users.join(',')],
    (code) => options.reported('the server', code),
  );
  return {
    faults: ONE_SERVER,
    start: server.start,
    nextPort: () => port,
    async take(fault, _on, forMs) {
      if (fault === 'freeze') {
        server.signal('SIGSTOP');
        await pause(forMs);
        server.signal('SIGCONT');
      } else if (fault === 'disk full') {
        server.tell({ full: true });
        await pause(forMs);
        server.tell({ full: false });
      } else {
        await server.end(fault === 'restart' ? 'SIGTERM' : 'SIGKILL');
        await pause(forMs);
        await server.start();
      }
    },
    quiet: () => server.tell({ announcing: false }),
    async end(refOf) {
      await server.end('SIGTERM');
      return options.witnessed(file, refOf);
    },
    kill: () => server.end('SIGKILL'),
  };
};
