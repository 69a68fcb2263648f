/** What an audit found, for people. */
import type { AuditReport } from '../../audit/audit.ts';
import { toBase64 } from '../../bytes.ts';
import { sayAmount } from '../../proof/gift-statement.ts';
import { sayTime } from '../../proof/signed-checkpoint.ts';
import { count } from '../terminal.ts';
import type { Printer } from './printer.ts';

export function sayReport(report: AuditReport, seconds: number, printer: Printer): void {
  const { checkpoint, replay, tiles, seen } = report;
  const size = count(checkpoint.size - replay.start);
  const root = toBase64(checkpoint.root);
  sayBeginning(report, printer);
  printer.good({
    en: `${size} entries and ${count(tiles)} tiles make the signed root ${root}`,
    zh: `${size} 个条目与 ${count(tiles)} 个瓦片得出已签名的根哈希 ${root}`,
  });
  const accounts = count(replay.accounts().length);
  const [moves, backs] = [count(replay.positions.moves.count), count(replay.positions.backs)];
  printer.good({
    en: `replayed: ${accounts} accounts, ${moves} moves, ${backs} reversals; every position follows, only sources are below zero; longest chain ${report.longestChain}`,
    zh: `已重放：${accounts} 个账户、${moves} 笔移动、${backs} 笔撤回；位置逐一相接，除来源账户外余额均不为负；最长链 ${report.longestChain}`,
  });
  sayCloses(report, printer);
  const { terms, gifts, returns } = replay.giving;
  printer.good({
    en: `${count(gifts)} gifts, ${count(returns)} returns, ${count(terms.count)} terms: each split, cap and share by the rules`,
    zh: `捐赠 ${count(gifts)} 笔、退回 ${count(returns)} 笔、条款 ${count(terms.count)} 份：分配、上限与份额均合规则`,
  });
  sayTotals(report, printer);
  sayShown(report, printer);
  saySigned(report, printer);
  for (const name of seen) printer.good({ en: `${name} is of the same history`, zh: `${name} 属于同一历史` });
  const speed = count(Math.round((checkpoint.size - replay.start) / Math.max(seconds, 0.001)));
  const megabytes = (report.bytes / 1e6).toFixed(1);
  printer.line({
    en: `The log holds. ${seconds.toFixed(1)} s, ${speed} entries/s, ${megabytes} MB of entries.`,
    zh: `日志成立。用时 ${seconds.toFixed(1)} 秒，每秒 ${speed} 条，条目共 ${megabytes} MB。`,
  });
}

function sayBeginning({ replay }: AuditReport, printer: Printer): void {
  if (replay.start === 0) return;
  const [start, close] = [count(replay.start), count(replay.closes.get(replay.start) ?? 0)];
  printer.good({
    en: `begun at entry ${start}, with the state that entry ${close} closes the books with; what was before is taken from there`,
    zh: `自条目 ${start} 开始，其状态即条目 ${close} 结账所载；此前之事以该结账为准`,
  });
}

function sayCloses({ replay }: AuditReport, printer: Printer): void {
  const at = [...replay.closes.keys()].filter((close) => close !== replay.start);
  if (at.length === 0) return;
  const list = at.map(count).join(' ');
  printer.good({
    en: `closed the books ${at.length} times with the balances that the replay has: at entries ${list}`,
    zh: `结账 ${at.length} 次，余额均与重放所得一致：条目 ${list}`,
  });
}

function sayTotals({ replay }: AuditReport, printer: Printer): void {
  const waiting = replay.positions.waiting.totals();
  const test = replay.opened?.purpose === 'test';
  for (const [asset, { given, returned, gifts }] of replay.totals()) {
    const say = (minor: bigint) => sayAmount(minor, asset, replay.positions.assets.get(asset)).en;
    const rest = waiting.get(asset) ?? 0n;
    printer.good({
      en: `${test ? 'test book: ' : ''}given ${say(given)} in ${count(gifts)} gifts, returned ${say(returned)}, left ${say(given - returned)}${rest > 0n ? `; ${say(rest)} of the returns waits to be settled` : ''}`,
      zh: `${test ? '测试账本：' : ''}${count(gifts)} 笔捐赠共 ${say(given)}，退回 ${say(returned)}，余 ${say(given - returned)}${rest > 0n ? `；其中 ${say(rest)} 的退回待结清` : ''}`,
    });
  }
}

/** The site's own totals. */
function sayShown({ shown, notShown }: AuditReport, printer: Printer): void {
  for (const { path, logSize } of shown) {
    printer.good({
      en: `/${path} says the same at ${count(logSize)} entries`,
      zh: `/${path} 在 ${count(logSize)} 条处与此一致`,
    });
  }
  for (const { path, logSize } of notShown) {
    printer.line({
      en: `  /${path} is of ${count(logSize)} entries, not of those audited: not compared`,
      zh: `  /${path} 为 ${count(logSize)} 条时的数，不在此次审计之内，未比较`,
    });
  }
  if (shown.length + notShown.length === 0) {
    printer.line({
      en: '  public totals not compared: no site shows any here',
      zh: '  未比较公开总额：此处没有网站展示',
    });
  }
}

function saySigned({ checkpoint, newest }: AuditReport, printer: Printer): void {
  const time = checkpoint.time === undefined ? '' : sayTime(checkpoint.time);
  const same = newest.size === checkpoint.size;
  const [en, zh] = same
    ? ['it is the newest', '即最新检查点']
    : [`the newest (${count(newest.size)} entries) continues it`, `最新检查点（${count(newest.size)} 条）是其延续`];
  printer.good({
    en: `the checkpoint is signed${time ? `, seen at ${time}` : ''}; ${en}`,
    zh: `检查点签名有效${time ? `，见证于 ${time}` : ''}；${zh}`,
  });
}
