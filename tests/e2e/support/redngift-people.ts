import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { launchBrowser } from './browser.ts';
import { Person } from './person.ts';
import { createRednGiftProcess, type RednGiftProcess } from './redngift-process.ts';

/** The built RednGift, again for each test of a file, and the people who came to it. */
export interface RednGiftPeople {
  readonly server: RednGiftProcess;
  /** Opens a browser for somebody and signs in; `prepare` does what has to be done before. */
  arrives(name: string, prepare?: (person: Person) => Promise<void>): Promise<Person>;
  /** Closes somebody's browser. */
  leaves(person: Person): Promise<void>;
}

/** Starts RednGift before each test of the file that calls it, and ends it and every browser after each. */
export const welcomePeople = (): RednGiftPeople => {
  let browser: Browser;
  let server: RednGiftProcess;
  let people: Person[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await createRednGiftProcess();
    await server.start();
  });
  afterEach(async () => {
    for (const person of people) await person.closes();
    people = [];
    await server.dispose();
  });

  return {
    get server() {
      return server;
    },
    async arrives(name, prepare) {
      const person = await Person.open(browser, name);
      people.push(person);
      await prepare?.(person);
      await person.signsIn(server.url);
      return person;
    },
    async leaves(person) {
      people = people.filter((one) => one !== person);
      await person.closes();
    },
  };
};
