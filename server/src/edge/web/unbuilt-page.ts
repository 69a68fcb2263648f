/** The page when there are no pages: the server runs, the site could not be built. */
import { securityHeaders } from './request-response.ts';

const said = {
  en: {
    title: 'The pages are not built',
    text: 'The server runs and its API and log answer, but the pages could not be built. Run <code>npm run build -w web</code> to see why, then start again.',
  },
  zh: {
    title: '页面尚未构建',
    text: '服务正在运行，接口和日志都能应答，但页面未能构建。请运行 <code>npm run build -w web</code> 查看原因，然后重新启动。',
  },
};

export const unbuilt = {
  headers: {
    ...securityHeaders,
    'content-type': 'text/html; charset=utf-8',
    'retry-after': '60',
    'cache-control': 'no-store',
  },
  page(language: 'en' | 'zh' = 'en'): string {
    const { title, text } = said[language];
    const lang = language === 'zh' ? 'zh-CN' : 'en';
    return `<!doctype html><html lang="${lang}"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1><p>${text}</p>`;
  },
};
