import type { Translated } from './speak.ts';
import type { shell as english } from './words.en.ts';

export const shell: Translated<typeof english> = {
  name: '涓流',
  skip: '跳到正文',
  home: '涓流首页',
  menu: '本站',
  projects: '公益项目',
  gift: '我的捐赠',
  check: '验证',
  how: '怎么运作',
  otherLanguage: 'English',
  demo: '演示数据：本站的店铺、项目和金额均为虚构。',
  footer: {
    what: '涓流是面向电商平台的开放捐赠账本。它不经手资金，只记下承诺了什么、后来怎样。',
    signed: '日志目前仅由运营方签名，还没有独立见证方共同签名。',
    again: '自己动手，从头再算一遍',
    raw: '原始数据',
    checkpoint: '最新检查点',
    key: '日志公钥',
    totals: '总额（JSON）',
    api: '接口',
  },
  error: {
    missing: { title: '这里没有页面', text: '网址可能有误，或者页面已经搬走。' },
    away: { title: '账本暂时无法应答', text: '没有任何数据丢失，请过一会儿再试。' },
    other: { title: '我们这边出了点问题', text: '账上没有因此改动任何内容，请再试一次。' },
    status: '状态码 {{status}}',
    home: '回到首页',
  },
};
