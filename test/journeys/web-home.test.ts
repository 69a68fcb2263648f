/** The first page as people meet it: in both languages, on a small phone, without JavaScript, and live. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openBrowser, type TestBrowser, type Visitor, withoutBrowser } from '../support/browser.ts';
import { startTestServer } from '../support/server.ts';
import { openSite, type Site } from '../support/site.ts';

const skip = withoutBrowser;
let browser: TestBrowser;
let site: Site;
if (!skip) {
  [browser, site] = await Promise.all([openBrowser(), openSite()]);
  await site.sell('tea', 3);
}
after(() => browser?.close());

const given = '.big-figure [data-live="given"]';

test('someone who asks for Chinese is sent there, and the next time too', { skip }, async () => {
  const { page, complaints } = await browser.visitor({ locale: 'zh-CN' });
  await page.goto(site.url);
  assert.equal(new URL(page.url()).pathname, '/zh');
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
  await page.getByRole('link', { name: 'English' }).click();
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await page.goto(site.url);
  assert.equal(new URL(page.url()).pathname, '/en', 'what they chose last is remembered');
  assert.deepEqual(complaints, []);
});

test('the figures move while someone looks, each with its log position', { skip }, async () => {
  const { page, complaints } = await browser.visitor();
  await page.goto(`${site.url}/en`);
  assert.equal(await page.textContent(given), '0.60');
  const before = await page.textContent('[data-live="asOf"]');
  assert.match(before ?? '', /^True at log position \d+$/);
  await site.sell('tea', 2);
  await page.waitForFunction((place) => document.querySelector(place)?.textContent === '1.00', given);
  assert.equal(await page.textContent('[data-live="gifts"]'), '5 gifts');
  assert.notEqual(await page.textContent('[data-live="asOf"]'), before);
  assert.deepEqual(complaints, []);
});

test('whoever pauses the figures is left in peace until they go on', { skip }, async () => {
  const { page } = await browser.visitor();
  await page.goto(`${site.url}/en`);
  await page.getByRole('button', { name: 'Pause' }).click();
  const stood = await page.textContent(given);
  await site.sell('tea');
  await page.waitForTimeout(500);
  assert.equal(await page.textContent(given), stood);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForFunction(
    ([place, old]) => document.querySelector(place as string)?.textContent !== old,
    [given, stood],
  );
});

test('a first gift appears on a page that had no figure to change', { skip }, async () => {
  const { page, complaints } = await browser.visitor();
  // The server's first answer is replaced: as if the page had been opened before any gift was made.
  await page.route('**/en', async (route) => {
    const response = await route.fetch();
    const text = (await response.text()).replace(
      /<div data-figures="true">.*?<\/div><\/div>/s,
      '<div data-figures="true"></div>',
    );
    await route.fulfill({ response, body: text });
    await page.unroute('**/en');
  });
  await page.goto(`${site.url}/en`);
  await page.waitForSelector(given);
  assert.deepEqual(complaints, []);
});

test('drops run for those who do not mind motion, and only for them', { skip }, async () => {
  const moving = await browser.visitor({ reducedMotion: 'no-preference' });
  const still = await browser.visitor();
  for (const { page } of [moving, still]) {
    const streaming = page.waitForResponse(/totals\/stream/);
    await page.goto(`${site.url}/en`);
    await streaming;
  }
  await site.sell('tea', 40);
  await moving.page.waitForSelector('[data-drop]', { state: 'attached' });
  assert.equal(await still.page.locator('[data-drop]').count(), 0);
});

test('without JavaScript the page is whole', { skip }, async () => {
  const { page } = await browser.visitor({ javaScriptEnabled: false });
  await page.goto(`${site.url}/zh`);
  const text = await page.innerText('main');
  for (const expected of ['已承诺', '截至日志第', '山里孩子的午餐', '青岭基金会', '捐赠码']) {
    assert.ok(text.includes(expected), expected);
  }
  assert.equal(await page.locator('button', { hasText: '暂停' }).isVisible(), false, 'no switch that would do nothing');
});

const paths = ['', '/projects', '/gift', '/check', '/how', '/no-such-page'];

for (const language of ['en', 'zh'] as const) {
  test(`nothing is wider than a small phone (${language})`, { skip }, async () => {
    const { page } = await browser.visitor({ viewport: { width: 360, height: 640 } });
    for (const path of paths) {
      await page.goto(`${site.url}/${language}${path}`);
      const [whole, seen] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      assert.ok((whole as number) <= (seen as number), `${language}${path} is ${whole} wide`);
    }
  });
}

test('the first page weighs little: everything it loads is less than 60 KB', { skip }, async () => {
  const { page } = await browser.visitor();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(`${site.url}/en`, { waitUntil: 'load' });
  await page.waitForTimeout(500);
  assert.ok(bytes > 5_000 && bytes < 60_000, `${bytes} bytes`);
});

test('demo data is called demo data on every page', { skip }, async () => {
  const demo = await startTestServer({ pages: true, demo: true });
  const { page }: Visitor = await browser.visitor({ locale: 'zh-CN' });
  for (const path of paths) {
    await page.goto(`${demo.url}/zh${path}`);
    assert.match(await page.innerText('.demo-note'), /演示数据/, path);
  }
});
