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
  const browser = await launch();
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

/**
 * The first run on a machine unpacks the browser into the folder for temporary files. Test files run side by side: one may find it half unpacked
 * by another, and waits.
 */
async function launch(): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  for (let tries = 1; ; tries += 1) {
    try {
      return await launcher.launch({ executablePath, args: switches });
    } catch (error) {
      if (tries === 30) throw new Error(`${executablePath} does not start; remove it and try again`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
