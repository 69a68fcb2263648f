/** What `--help` says. */
import type { Said } from '../../failure.ts';

export const usage: Said = {
  en: `rivulet-verify: check a giving ledger without trusting it

  rivulet-verify proof FILE [--key VKEY|FILE] [--url URL|DIR]
      Check a gift proof; with --url also that the site's log still contains it.
      With neither, the key is taken from the file: compare its fingerprint.
  rivulet-verify audit URL|DIR [--key VKEY|FILE] [--seen FILE...] [--checkpoint FILE]
                       [--since FILE|AT|last]
      Check a whole log: every entry, hash, signature, position and public total,
      to its newest checkpoint or the one named, and against checkpoints you kept.
      With --since begin at a close of the books: its state file, its entry, or the last.
  rivulet-verify consistency OLD NEW [--log URL|DIR] [--key VKEY|FILE]
      Check that NEW continues OLD; a NEW that is smaller is a rollback, and fails.
  rivulet-verify promise FILE URL|DIR [--key VKEY|FILE]
      Check that a signed promise, or the intake answer it came in, was kept.

  URL is a site or its log. --key may be repeated (a rotated key). --json prints one object. --lang en|zh.
  Exit: 0 good, 1 verification failed or a breach is proved, 2 wrong usage,
        3 something could not be read, 4 the promise cannot be judged yet.
`,
  zh: `rivulet-verify：无需信任即可核验捐赠账本

  rivulet-verify proof 文件 [--key 公钥|文件] [--url 网址|目录]
      核验一份捐赠存证；加 --url 则同时核验网站日志仍包含它。
      两者皆无时用文件自带的公钥：请核对其指纹。
  rivulet-verify audit 网址|目录 [--key 公钥|文件] [--seen 文件...] [--checkpoint 文件]
                       [--since 文件|条目序号|last]
      核验整个日志：每个条目、哈希、签名、位置与公开总额，
      直至最新（或指定的）检查点，并与您保存的检查点对照。
      加 --since 则从某次结账开始：其状态文件、其条目序号，或最近一次。
  rivulet-verify consistency 旧 新 [--log 网址|目录] [--key 公钥|文件]
      核验新检查点是旧检查点的延续；新的若更小即为回退，不通过。
  rivulet-verify promise 文件 网址|目录 [--key 公钥|文件]
      核验签名承诺（或其所在的上报应答）是否兑现。

  网址可以是网站或其日志。--key 可重复（密钥更换后）。--json 只输出一个对象。--lang en|zh。
  退出码：0 通过；1 未通过或证实违约；2 用法错误；
          3 有内容无法读取；4 承诺尚无法判断。
`,
};
