// The pages: one server bundle that needs nothing at run time, and the style sheets.
import { reactRouter } from '@react-router/dev/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [reactRouter()],
  define: { 'process.env.NODE_ENV': '"production"' },
  ssr: { noExternal: true },
  build: { assetsInlineLimit: 0, cssMinify: true },
});
