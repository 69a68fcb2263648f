import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayAt, endOf, floorToSecond, startOf, timeText } from './moment.ts';

test('a day is a day of the zone, from its first second to its last', () => {
  const cases: [string, string, string, string][] = [
    ['2026-11-18', 'Asia/Shanghai', '2026-11-17T16:00:00Z', '2026-11-18T16:00:00Z'],
    ['2026-11-18', 'UTC', '2026-11-18T00:00:00Z', '2026-11-19T00:00:00Z'],
    ['2026-02-28', 'America/New_York', '2026-02-28T05:00:00Z', '2026-03-01T05:00:00Z'],
    // Clocks change on this day: it has 23 hours.
    ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    // Clocks left out this day's midnight: it began at one o'clock.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
    ['2099-12-31', 'Pacific/Kiritimati', '2099-12-30T10:00:00Z', '2099-12-31T10:00:00Z'],
  ];
  for (const [day, zone, from, until] of cases)
    assert.deepEqual([timeText(startOf(day, zone)), timeText(endOf(day, zone))], [from, until], day);
});

test('a time means itself in any zone, without parts of a second', () => {
  for (const moment of ['2026-11-18T08:00:01.999Z', '2026-11-18T16:00:01+08:00'])
    for (const read of [startOf, endOf]) assert.equal(timeText(read(moment, 'Asia/Tokyo')), '2026-11-18T08:00:01Z');
  assert.equal(floorToSecond(-1), -1000);
  assert.equal(dayAt(Date.parse('2026-11-17T16:00:00Z'), 'Asia/Shanghai'), '2026-11-18');
});
