import type { Browser, BrowserContext, Page, WebSocket } from 'playwright-core';

export const PASSWORD = 'demo-secret';

/** Somebody at a browser of their own, and what they can see and do. */
export class Person {
  readonly page: Page;
  /** Every socket the page has dialled. */
  readonly sockets: WebSocket[] = [];
  /** What the page wrote on the console. */
  readonly console: string[] = [];
  /** Text frames the page got and sent, each with its direction. */
  readonly frames: string[] = [];
  readonly #context: BrowserContext;
  readonly #name: string;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.#name = name;
    this.#context = context;
    this.page = page;
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => this.console.push(message.text()));
    page.on('pageerror', (error) => this.console.push(`page error: ${error.message}`));
    page.on('websocket', (socket) => {
      this.sockets.push(socket);
      socket.on('framereceived', ({ payload }) => this.frames.push(`< ${payload}`));
      socket.on('framesent', ({ payload }) => this.frames.push(`> ${payload}`));
    });
  }

  static async open(
    browser: Browser,
    name: string,
    options: { width?: number; height?: number } = {},
  ): Promise<Person> {
    const { width = 1280, height = 800 } = options;
    const context = await browser.newContext({ viewport: { width, height } });
    return new Person(name, context, await context.newPage());
  }

  async signsIn(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByLabel('E-mail').fill(`${this.#name.toLowerCase()}@demo.test`);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.sees('open');
  }

  get liveSockets(): WebSocket[] {
    return this.sockets.filter((socket) => !socket.isClosed());
  }

  /** Waits until the connection indicator shows this status. */
  async sees(status: string, timeout = 15_000): Promise<void> {
    await this.page.locator(`[role=status][data-status=${status}]`).waitFor({ timeout });
  }

  async status(): Promise<string | null> {
    return this.page.getByRole('status', { name: 'Connection' }).getAttribute('data-status');
  }

  async opensChatWith(title: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: title }).first().click();
    await this.page.getByRole('textbox', { name: 'Message' }).waitFor();
  }

  async types(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).pressSequentially(text);
  }

  async says(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  bubble(text: string) {
    return this.page.getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: text });
  }

  async reads(text: string, timeout = 10_000): Promise<void> {
    await this.bubble(text).first().waitFor({ timeout });
  }

  async seesToast(text: string): Promise<void> {
    await this.page.locator('.Toastify').getByText(text).first().waitFor();
  }

  async closes(): Promise<void> {
    await this.#context.close();
  }
}
