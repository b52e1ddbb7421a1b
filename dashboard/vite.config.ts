import { defineConfig } from "vite";

const service = process.env["SERVICE_URL"] ?? "http://localhost:9000";

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/dashboard",
    emptyOutDir: true,
    target: "es2023",
    // A data: URL in a style or script is what the content security policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev` serves the page; the API is a running service's.
  server: {
    proxy: {
      "/api": service,
      "/health": service,
      "/ws": { target: service, ws: true },
    },
  },
});
