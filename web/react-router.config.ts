import type { Config } from '@react-router/dev/config';

export default {
  appDirectory: 'src',
  // The server moves what is built here to a folder of its own: server/src/edge/web/build-site.ts.
  buildDirectory: 'build/new',
  ssr: true,
  routeDiscovery: { mode: 'initial' },
} satisfies Config;
