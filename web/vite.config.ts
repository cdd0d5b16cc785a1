import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { chunkNames, fewerRequests, shortClass } from './chunks.ts';
import { licences } from './licences.ts';

/** The Oxflow server that `npm run dev` shows the pages of. */
const server = process.env.OXFLOW_DEV_SERVER ?? 'http://127.0.0.1:5000';
const served = [
  '/api',
  '/ajax-api',
  '/get-artifact',
  '/model-versions',
  '/mlflow-artifacts',
  '/version',
  '/health',
];

export default defineConfig({
  // Relative: the server may serve the pages below a path, which it writes into <base>.
  base: './',
  plugins: [react(), licences(import.meta.dirname), fewerRequests()],
  css: { modules: { generateScopedName: shortClass(import.meta.dirname) } },
  build: {
    assetsDir: 'static-files',
    // Nothing inline: the pages' policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // One style sheet: all of it is smaller than the first request for a second one.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'shell', test: /rolldown.runtime/, priority: 1 },
            { name: chunkNames(import.meta.dirname), debugName: 'pages' },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      served.map((path) => [
        path,
        {
          target: server,
          changeOrigin: true,
          // The server lets no other origin change anything.
          headers: { origin: server },
        },
      ]),
    ),
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'jsdom',
  },
});
