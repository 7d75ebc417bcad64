import { expect } from 'vitest';
import { PASSWORD } from '../person.ts';
import { calls, type EnginePage } from './engine.ts';

/** Waits for the element of a selector whose text fits. Runs in the page. */
const find = async (selector: string, text: string): Promise<boolean> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = [...document.querySelectorAll(selector)].find((element) =>
      element.textContent?.includes(text),
    );
    if (found !== undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${selector} with "${text}"`);
};

/** Waits for an element and clicks it. Runs in the page. */
const click = async (selector: string, text: string): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = [...document.querySelectorAll<HTMLElement>(selector)].find((element) =>
      (element.ariaLabel ?? element.textContent ?? '').includes(text),
    );
    if (found !== undefined) return found.click();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${selector} with "${text}" to click`);
};

/** Waits for a field by its label and fills it, as React hears it. Runs in the page. */
const fill = async (label: string, value: string): Promise<void> => {
  const named = (element: HTMLInputElement | HTMLTextAreaElement): boolean =>
    element.getAttribute('aria-label') === label ||
    [...(element.labels ?? [])].some(({ textContent }) => textContent?.includes(label));
  for (let tries = 0; tries < 300; tries += 1) {
    const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea');
    const field = [...fields].find(named);
    if (field !== undefined) {
      // React has put a setter of its own on the element; the prototype's tells it that a person typed.
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no field ${label}`);
};

/** RednGift in any engine: what a person does there, by scripts in the page. */
export const giftPage = (page: EnginePage) => ({
  async signsIn(url: string, name: string): Promise<void> {
    await page.goes(url);
    await page.evaluates(calls(fill, 'E-mail', `${name.toLowerCase()}@demo.test`));
    await page.evaluates(calls(fill, 'Password', PASSWORD));
    await page.evaluates(calls(click, 'button', 'Sign in'));
    await this.sees('open');
  },
  sees: (status: string, timeout = 30_000) =>
    expect
      .poll(
        () => page.evaluates('document.querySelector("[role=status][data-status]")?.dataset.status ?? null'),
        {
          timeout,
          interval: 50,
        },
      )
      .toBe(status),
  opensChatWith: (title: string) => page.evaluates(calls(click, 'nav a', title)),
  async says(text: string): Promise<void> {
    await page.evaluates(calls(fill, 'Message', text));
    await page.evaluates(calls(click, 'button', 'Send'));
  },
  reads: (text: string) => page.evaluates(calls(find, '[aria-label=Messages] li', text)),
  reconnectsNow: () => page.evaluates(calls(click, 'button', 'Reconnect now')),
});
