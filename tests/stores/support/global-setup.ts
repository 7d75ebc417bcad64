import type { TestProject } from 'vitest/node';
import { makePostgresTemplate, startPostgres } from '../../../scripts/postgres.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of a database of the one server that all files share. */
    readonly postgresUrl: string;
    /** In this project there is one. */
    readonly hasPostgres: true | undefined;
    /** The files that a server of one's own begins with. */
    readonly postgresTemplate: string;
  }
}

/** One Postgres for the whole run, on a private port. */
export const setup = async (project: TestProject) => {
  const template = makePostgresTemplate();
  const server = await startPostgres({ template: template.folder });
  project.provide('hasPostgres', true);
  project.provide('postgresUrl', server.url());
  project.provide('postgresTemplate', template.folder);
  return async () => {
    await server.remove();
    template.remove();
  };
};
