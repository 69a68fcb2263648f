import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timesIn } from './local-time.ts';

const rows: [string, string, string][] = [
  ['America/New_York', '2017-01-01 07:30:27', '2017-01-01T07:30:27-05:00'],
  ['America/New_York', '2017-07-01 07:30:27', '2017-07-01T07:30:27-04:00'],
  ['America/New_York', '2017-03-12 02:30:00', 'no_such_local_time'],
  ['America/New_York', '2017-11-05 01:30:00', '2017-11-05T01:30:00-04:00'],
  ['Asia/Shanghai', '2026-11-10T23:59', '2026-11-10T23:59:00+08:00'],
  ['Asia/Shanghai', '2026-11-10T23:59:58.123Z', '2026-11-10T23:59:58.123Z'],
  ['Asia/Shanghai', '2026-02-29 00:00:00', 'not_a_time'],
  ['Asia/Shanghai', '10/11/2026', 'not_a_time'],
  ['Asia/Shanghai', '', 'not_a_time'],
];
for (const [zone, text, expected] of rows) {
  test(`'${text}' in ${zone} is ${expected}`, () => {
    const read = timesIn(zone)(text);
    assert.equal('time' in read ? read.time : read.fault, expected);
  });
}
