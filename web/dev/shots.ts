import chromium from '@sparticuz/chromium';
import { chromium as pw } from 'playwright-core';

const base = process.env['BASE'] ?? 'http://127.0.0.1:8099';
const browser = await pw.launch({
  executablePath: await chromium.executablePath(),
  args: ['--no-sandbox', '--font-render-hinting=none'],
});
const [what = '/en', ...variants] = process.argv.slice(2);
for (const variant of variants.length ? variants : ['390l', '1280l']) {
  const width = parseInt(variant);
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 800 },
    colorScheme: variant.includes('d') ? 'dark' : 'light',
    reducedMotion: variant.includes('m') ? 'no-preference' : 'reduce',
  });
  const page = await context.newPage();
  page.on('console', (m) => console.log('console:', m.text()));
  page.on('pageerror', (m) => console.log('error:', m));
  await page.goto(base + what, { waitUntil: 'load' });
  if (process.env['CODE']) {
    await page.fill('#code', process.env['CODE']);
    await page.click('.code-form button');
    await page.waitForLoadState();
  }
  await page.waitForTimeout(Number(process.env['WAIT'] ?? 300));
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  const file = `/tmp/shots/${process.env['NAME'] ?? what.replaceAll('/', '_')}-${variant}.png`;
  await page.screenshot({ path: file, fullPage: !process.env['FOLD'] });
  console.log(file, 'overflow', overflow);
  await context.close();
}
await browser.close();
