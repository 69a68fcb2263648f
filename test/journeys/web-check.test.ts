/** From a gift code to a proof checked in the visitor's own browser, and what happens to a proof that somebody changed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseCheckpoint } from '@rivulet/verifier';
import type { Page } from 'playwright-core';
import { keyPaths, readKeyFile, signCheckpoint } from '#books/log';
import { openBrowser, type TestBrowser, withoutBrowser } from '../support/browser.ts';
import { openSite, type Site } from '../support/site.ts';

const skip = withoutBrowser;
let browser: TestBrowser;
let site: Site;
if (!skip) [browser, site] = await Promise.all([openBrowser(), openSite()]);
after(() => browser?.close());

const every = ['read', 'signature', 'alone', 'inclusion', 'related', 'gift', 'opening', 'amount', 'today', 'seen'];

/** Step by step: its name and its state. */
function steps(page: Page): Promise<[string, string][]> {
  return page.$$eval('.step[data-step]', (rows) =>
    rows.map((row) => [row.getAttribute('data-step') ?? '', row.getAttribute('data-state') ?? '']),
  );
}

async function finished(page: Page): Promise<string> {
  await page.waitForSelector('.closer');
  return page.innerText('.verdict h2');
}

async function paste(page: Page, proof: string): Promise<string> {
  await page.goto(`${site.url}/en/check`);
  await page.getByText('Paste its text instead').click();
  await page.fill('#text', proof);
  await page.getByRole('button', { name: 'Check it' }).click();
  return finished(page);
}

/** The proof with its `extra` changed. */
function altered(
  proof: string,
  change: (extra: { entry: string; related: { entry: string }[]; opening: { text: string } }) => void,
) {
  const [line = '', coded = ''] = /^extra (.*)$/m.exec(proof) ?? [];
  const extra = JSON.parse(Buffer.from(coded, 'base64').toString());
  change(extra);
  return proof.replace(line, `extra ${Buffer.from(JSON.stringify(extra)).toString('base64')}`);
}

test('a gift code opens the gift, and its proof holds step by step', { skip }, async () => {
  const [gift] = await site.sell('tea');
  const { page, complaints } = await browser.visitor();
  await page.goto(`${site.url}/en`);
  await page.fill('#code', `${gift?.code.slice(0, 8).toUpperCase()}-${gift?.code.slice(8)}`);
  await page.getByRole('button', { name: 'Show the gift' }).click();
  const slip = await page.innerText('.slip');
  const facts = ['A gift of CN¥0.20', 'Kite & Kettle Teas', 'School lunches in the hills', 'CN¥0.14', 'CN¥0.06'];
  for (const text of [...facts, 'Promised, not yet paid', 'not a tax receipt']) assert.ok(slip.includes(text), text);
  assert.equal(new URL(page.url()).search, '', 'the code is in no address');
  await page.getByRole('button', { name: 'Check it here' }).click();
  assert.equal(await finished(page), 'The proof holds');
  const states = Object.fromEntries(await steps(page));
  assert.deepEqual(Object.keys(states), every);
  const expected = every.map((id) => [id, id === 'alone' || id === 'seen' ? 'note' : 'ok']);
  assert.deepEqual(states, Object.fromEntries(expected));
  assert.ok((await page.innerText('.found .slip')).includes('A gift of CN¥0.20'));
  assert.deepEqual(complaints, []);
});

test('the gift reads in Chinese, and a shop that keeps its name to itself is not named', { skip }, async () => {
  const [gift] = await site.sell('cup');
  const { page, complaints } = await browser.visitor();
  await page.goto(`${site.url}/zh/gift`);
  await page.fill('#code', gift?.code ?? '');
  await page.getByRole('button', { name: '查看捐赠' }).click();
  const slip = await page.innerText('.slip');
  for (const text of ['一笔 ¥1.99 的捐赠', '未公开名称的店家', '山里孩子的午餐', '已承诺，尚未支付'])
    assert.ok(slip.includes(text), text);
  assert.equal(/Quiet Cups|静杯/.test(await page.content()), false);
  await page.getByRole('button', { name: '就在浏览器里验证' }).click();
  assert.equal(await finished(page), '存证成立');
  assert.deepEqual(complaints, []);
});

test('goods sent back lower the gift, and every page says so', { skip }, async () => {
  const [gift] = await site.sell('tea');
  await site.takeBack(gift?.gift ?? '');
  const { page } = await browser.visitor();
  await page.goto(`${site.url}/en`);
  assert.match(await page.innerText('[data-live="returned"]'), /^CN¥0\.20 of it returned with its orders$/);
  await page.goto(`${site.url}/en/gift`);
  await page.fill('#code', gift?.code ?? '');
  await page.getByRole('button', { name: 'Show the gift' }).click();
  assert.match(await page.innerText('.slip'), /Promised, then returned with the goods/);
  await page.getByRole('button', { name: 'Check it here' }).click();
  assert.equal(await finished(page), 'The proof holds');
  assert.match(await page.innerText('.found .slip'), /Taken back with returned goods\s+CN¥0\.20/);
});

test('the proof comes as a file without JavaScript, and the file holds when it is chosen again', { skip }, async () => {
  const [gift] = await site.sell('tea');
  const plain = await browser.visitor({ javaScriptEnabled: false });
  await plain.page.goto(`${site.url}/en/gift`);
  await plain.page.fill('#code', gift?.code ?? '');
  await plain.page.getByRole('button', { name: 'Show the gift' }).click();
  const [download] = await Promise.all([
    plain.page.waitForEvent('download'),
    plain.page.getByRole('button', { name: 'Download the proof' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `gift-${gift?.gift}.tlog-proof`);
  const { page } = await browser.visitor();
  await page.goto(`${site.url}/en/check`);
  await page.setInputFiles('#file', await download.path());
  assert.equal(await finished(page), 'The proof holds');
});

test('a code that is none, and a code of no gift, are answered with what to do', { skip }, async () => {
  const { page } = await browser.visitor();
  await page.goto(`${site.url}/en/gift`);
  await page.fill('#code', 'abc');
  await page.getByRole('button', { name: 'Show the gift' }).click();
  assert.match(await page.innerText('.problem'), /does not look like a gift code/);
  assert.equal(await page.inputValue('#code'), 'abc', 'what was typed is still there');
  await page.fill('#code', '0'.repeat(26));
  await page.getByRole('button', { name: 'Show the gift' }).click();
  assert.match(await page.innerText('.problem'), /No gift has this code/);
});

const changes: [title: string, fails: string, change: (proof: string) => string][] = [
  [
    'a fen more in the gift',
    'inclusion',
    (proof) =>
      altered(proof, (extra) => {
        extra.entry = extra.entry.replace(
          /("move":\[\[\d+,\d+),(\d+)/,
          (_, head, minor) => `${head},${Number(minor) + 1}`,
        );
      }),
  ],
  [
    'another shop',
    'related',
    (proof) =>
      altered(proof, ({ related }) => {
        for (const one of related) one.entry = one.entry.replace('Kite & Kettle', 'Bite & Kettle');
      }),
  ],
  [
    'another price',
    'opening',
    (proof) =>
      altered(proof, ({ opening }) => {
        opening.text = opening.text.replace('"paid":1990', '"paid":1991');
      }),
  ],
  [
    'another size of the log',
    'signature',
    (proof) => proof.replace(/\n\n([^\n]+)\n(\d+)\n/, (_, origin, size) => `\n\n${origin}\n${Number(size) + 1}\n`),
  ],
  ['half a file', 'read', (proof) => proof.slice(0, 300)],
];

for (const [title, fails, change] of changes) {
  test(`a proof with ${title} fails at the step “${fails}”, and no later step counts`, { skip }, async () => {
    const [gift] = await site.sell('tea');
    const proof = await site.client.proof(gift?.gift ?? '', gift?.code);
    const { page, complaints } = await browser.visitor();
    assert.equal(await paste(page, change(proof)), 'The proof does not hold');
    const taken = await steps(page);
    assert.deepEqual(taken.at(-1), [fails, 'failed']);
    assert.equal(taken.filter(([, state]) => state === 'failed').length, 1);
    assert.ok((await page.innerText('.step .why')).length > 10, 'it says why');
    assert.equal(await page.locator('.found .slip').count(), 0, 'what is not proved is not shown');
    assert.deepEqual(complaints, []);
  });
}

test('the browser remembers the log it saw and finds out a log with another past', { skip }, async () => {
  const [gift] = await site.sell('tea');
  const proof = await site.client.proof(gift?.gift ?? '', gift?.code);
  const { page } = await browser.visitor();
  assert.equal(await paste(page, proof), 'The proof holds');
  await site.sell('tea');
  await paste(page, proof);
  assert.deepEqual((await steps(page)).at(-1), ['seen', 'ok']);
  assert.match(await page.innerText('[data-step="signature"]'), /has known since/);
  // The operator signs another tree of the size that this browser saw.
  const secrets = keyPaths(join(site.dataFolder, 'secrets'), 'main');
  const keys = { log: await readKeyFile(secrets.log), witness: null };
  const { origin, size } = parseCheckpoint(proof.slice(proof.indexOf('\n\n') + 2));
  const forged = signCheckpoint(origin, size, new Uint8Array(32).fill(7), 0, keys);
  await page.evaluate(
    ([name, note]) => {
      const kept = JSON.parse(localStorage.getItem(name as string) ?? '{}');
      localStorage.setItem(name as string, JSON.stringify({ ...kept, checkpoint: note }));
    },
    [`rivulet.log.${origin}`, forged],
  );
  assert.equal(await paste(page, proof), 'The proof does not hold');
  assert.deepEqual((await steps(page)).at(-1), ['seen', 'failed']);
  assert.ok((await page.innerText('[data-step="seen"] pre')).includes(forged.trim()), 'the evidence is there to keep');
});

test('a key brought along decides, whatever the site says', { skip }, async () => {
  const [gift] = await site.sell('tea');
  const proof = await site.client.proof(gift?.gift ?? '');
  const { page } = await browser.visitor();
  const check = async (key: string) => {
    await page.goto(`${site.url}/en/check`);
    await page.getByText('Paste its text instead').click();
    await page.fill('#text', proof);
    await page.fill('#own', key);
    await page.getByRole('button', { name: 'Check it' }).click();
  };
  const lines = await fetch(`${site.url}/log/vkeys`).then((response) => response.text());
  await check(lines.split('\n')[0] ?? '');
  assert.equal(await finished(page), 'The proof holds');
  assert.match(await page.innerText('[data-step="signature"]'), /You brought this key yourself/);
  await check('example.org/log+153c099d+Ac01K1BkiQpRy2BiDhce2fApMr+vDaZEXflRX94SkYa0');
  assert.match(await page.innerText('[data-problem]'), /not a public key/);
});

test('everything works by keyboard alone', { skip }, async () => {
  const { page } = await browser.visitor();
  await page.goto(`${site.url}/en`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.goto(`${site.url}/en/check`);
  const reached = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName || ''));
  }
  for (const place of ['file', 'SUMMARY', 'key-site', 'own', 'BUTTON']) assert.ok(reached.has(place), place);
});
