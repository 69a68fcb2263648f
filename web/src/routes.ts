import { index, type RouteConfig, route } from '@react-router/dev/routes';

export default [
  index('shell/choose-language.ts'),
  route(':language', 'shell/guard-language.ts', [
    index('pages/giving/home/home.tsx'),
    route('projects', 'pages/giving/projects.tsx'),
    route('gift', 'pages/giving/gift/gift.tsx'),
    route('gift/proof', 'pages/giving/gift/download-proof.ts'),
    route('check', 'pages/log/check.tsx'),
    route('how', 'pages/explained/how.tsx'),
    route('*', 'shell/not-found.ts', { id: 'no-such-page' }),
  ]),
  route('*', 'shell/not-found.ts', { id: 'no-such-place' }),
] satisfies RouteConfig;
