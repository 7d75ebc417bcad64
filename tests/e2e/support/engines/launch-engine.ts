import { launchTabbedBrowser } from '../tabbed-browser.ts';
import type { Engine, EngineName } from './engine.ts';
import { launchFirefox } from './firefox.ts';
import { launchWebKit } from './webkit.ts';

const launchChromium = async (): Promise<Engine> => {
  const browser = await launchTabbedBrowser();
  const { page } = await browser.opensTab();
  return {
    name: 'chromium',
    page: {
      async goes(url) {
        await page.goto(url);
      },
      evaluates: (expression) => page.evaluate(`(async () => (${expression}))()`),
      async reloads() {
        await page.reload();
      },
      async goesBack() {
        await page.goBack({ waitUntil: 'commit' });
      },
    },
    closes: browser.closes,
  };
};

/** Starts a browser of an engine. */
export const launchEngine = (name: EngineName): Promise<Engine> =>
  ({ chromium: launchChromium, firefox: launchFirefox, webkit: launchWebKit })[name]();
