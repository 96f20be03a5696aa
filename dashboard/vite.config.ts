import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The API that `npm run dev` talks to: a suite started by `make run`.
const suite = process.env["SUITE_URL"] ?? "http://127.0.0.1:9000";

export default defineConfig({
  plugins: [react()],
  build: {
    chunkSizeWarningLimit: 600,
    target: "es2022",
    // A file of its own for each asset: the page's policy allows no inline data but images.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/desk.json", "/oauth2", "/.well-known"].map((path) => [
        path,
        // The issuer names itself as the browser sees it.
        { target: suite, changeOrigin: false },
      ]),
    ),
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
