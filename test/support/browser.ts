/** A real browser for tests: the Chromium that came with `npm ci`. */
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, chromium as launcher, type Page } from 'playwright-core';

export interface Visitor {
  readonly page: Page;
  /** What the browser complained of: refused by the content security policy, errors of scripts, files that are missing. */
  readonly complaints: string[];
}

export interface TestBrowser {
  /** Someone new: no cookies, nothing remembered. Motion is reduced unless the options say otherwise. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
  close(): Promise<void>;
}

/** For node:test's `skip`: the bundled Chromium runs on Linux only. */
export const withoutBrowser: string | false =
  process.platform === 'linux' ? false : 'the bundled Chromium runs on Linux only';

/** No web security is switched off: the pages' own policy is part of what is tested. */
const switches = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none', '--disable-gpu'];

export async function openBrowser(): Promise<TestBrowser> {
  const browser: Browser = await launcher.launch({ executablePath: await chromium.executablePath(), args: switches });
  return {
    async visitor(options = {}) {
      const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      return { page, complaints };
    },
    close: () => browser.close(),
  };
}
