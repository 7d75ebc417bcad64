import { launch } from 'puppeteer-core';
import { needFirefox } from '../../../../scripts/engines.mjs';
import type { Engine } from './engine.ts';

/** As a person has it, but for the sandbox, which does not start as root in a container. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'datareporting.healthreport.uploadEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/** Starts a headless Firefox, driven over WebDriver BiDi. */
export const launchFirefox = async (): Promise<Engine> => {
  const browser = await launch({
    browser: 'firefox',
    executablePath: needFirefox(),
    headless: true,
    extraPrefsFirefox: PREFERENCES,
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  return {
    name: 'firefox',
    page: {
      async goes(url) {
        await page.goto(url);
      },
      evaluates: (expression) => page.evaluate(`(async () => (${expression}))()`) as never,
      async reloads() {
        await page.reload();
      },
      async goesBack() {
        await page.goBack();
      },
    },
    closes: () => browser.close(),
  };
};
