/** What the replay says to its user, in the language of the terminal. */

const en = {
  usage: `Usage: npm run replay -- FILE [--url URL] [--key KEY] [--mapping FILE] [--in-flight N]

FILE       orders as CSV or NDJSON, .gz or not
--url      where Rivulet is; without it the one on this machine, started for the time of the run if need be
--key      an API key; without it RIVULET_KEY, or an operator key made for this run on this machine
--mapping  how the columns read (docs/operating/replay.md); shipped for complete-journey
--in-flight  requests under way at once, 3 if not said`,
  noFile: 'Name the file of orders.',
  noMapping: (name: string) => `There is no mapping for ${name}: name one with --mapping (docs/operating/replay.md).`,
  noKey: 'That server is not on this machine: give an API key of it with --key or in RIVULET_KEY.',
  noServer: 'There is no server beside this command: give --url and --key.',
  starting: 'Starting Rivulet for this run …',
  stopped: (output: string) => `Rivulet did not start:\n${output}`,
  sendingTo: (file: string, url: string) => `Sending ${file} to ${url}`,
  progress: (lines: string, created: string, perSecond: string) =>
    `${lines} lines · ${created} created · ${perSecond} lines/s`,
  badMapping: (file: string, why: string) => `The mapping ${file} cannot be used: ${why}`,
  lines: 'lines read',
  created: 'created',
  duplicate: 'duplicate',
  returned: 'returned',
  ignored: 'ignored',
  refused: 'refused',
  unsent: '* refused before sending: the value cannot be said in whole units, as a time or at all',
  seconds: 'seconds',
  retries: (n: number) => `${n} requests were repeated`,
  promises: (kept: number, all: number) => `Promises of the log seen kept: ${kept} of ${all}.`,
  broken: 'A PROMISE OF THE LOG WAS BROKEN. The promise, then the checkpoint that proves it:',
  audit: 'Anyone can check all of it:',
  auditLater: 'Anyone can check all of it (once `npm start` runs again, or in the folder):',
};

const zh: typeof en = {
  usage: `用法：npm run replay -- 文件 [--url 地址] [--key 密钥] [--mapping 文件] [--in-flight N]

文件        CSV 或 NDJSON 格式的订单，可以是 .gz
--url       Rivulet 的地址；不写则用本机的，必要时为这次运行启动一个
--key       API 密钥；不写则用 RIVULET_KEY，或在本机为这次运行生成一个运营者密钥
--mapping   各列的含义（docs/operating/replay.md）；complete-journey 已自带
--in-flight 同时进行的请求数，默认 3`,
  noFile: '请写明订单文件。',
  noMapping: (name) => `没有 ${name} 的映射：请用 --mapping 指定（docs/operating/replay.md）。`,
  noKey: '该服务器不在本机：请用 --key 或 RIVULET_KEY 提供它的 API 密钥。',
  noServer: '此命令旁边没有服务器：请用 --url 和 --key。',
  starting: '正在为这次运行启动 Rivulet……',
  stopped: (output) => `Rivulet 未能启动：\n${output}`,
  sendingTo: (file, url) => `正在把 ${file} 发送到 ${url}`,
  progress: (lines, created, perSecond) => `${lines} 行 · 生成 ${created} 笔 · 每秒 ${perSecond} 行`,
  badMapping: (file, why) => `映射 ${file} 无法使用：${why}`,
  lines: '读入行数',
  created: '生成',
  duplicate: '重复',
  returned: '退回',
  ignored: '忽略',
  refused: '拒绝',
  unsent: '* 发送前即拒绝：数值不是最小单位的整数、时间不成立，或无法表达',
  seconds: '秒',
  retries: (n) => `重发了 ${n} 个请求`,
  promises: (kept, all) => `日志的承诺已兑现：${kept} / ${all}。`,
  broken: '日志违背了承诺。以下是承诺，以及证明违背的检查点：',
  audit: '任何人都可以核对全部内容：',
  auditLater: '任何人都可以核对全部内容（再次运行 `npm start` 之后，或在数据文件夹中）：',
};

/** @param environment for LC_ALL, LC_MESSAGES, LANG */
export function wordsFor(environment: Record<string, string | undefined>): typeof en {
  const language = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return language.startsWith('zh') ? zh : en;
}

export type Words = typeof en;
