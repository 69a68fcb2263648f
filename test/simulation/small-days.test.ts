/**
 * Many small days of a small market, drawn from a seed: a model that knows nothing of the server predicts every answer and every total, while
 * the server restarts, loses its writer, forgets buyers and drops what waited too long. RIVULET_SEED plays one again; RIVULET_LONG=1 plays more.
 */
import { test } from 'node:test';
import { auditDatabase } from '../support/audit.ts';
import { drawFrom, long } from '../support/draw.ts';
import { Play } from './play.ts';

const usual = long ? Array.from({ length: 60 }, (_, i) => i + 1) : [1, 2];
const seeds = process.env.RIVULET_SEED === undefined ? usual : [Number(process.env.RIVULET_SEED)];

for (const seed of seeds) {
  test(`the days of seed ${seed} come to what was predicted`, { timeout: 120_000 }, async (t) => {
    const play = await Play.open(drawFrom(seed));
    for (let day = 0; day < 10; day++) await play.day();
    await play.end();
    t.diagnostic(JSON.stringify(play.counts));
    await auditDatabase(play.world.database);
  });
}
