// The live parts of the pages: every src/**/*.live.ts becomes one module of its own, named in build/new/live/manifest.json.
import { globSync } from 'node:fs';
import { defineConfig } from 'vite';

const entries = globSync('src/**/*.live.ts', { cwd: import.meta.dirname });

export default defineConfig({
  build: {
    outDir: 'build/new/live',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: false,
    target: 'es2022',
    rollupOptions: {
      input: entries,
      output: { entryFileNames: '[name]-[hash].js', chunkFileNames: '[name]-[hash].js', dir: 'build/new/live' },
    },
  },
});
