import express, { type Express } from "express";

/**
 * Nothing that an agent wrote can run: no inline script, no inline style, nothing from elsewhere.
 * `connect-src 'self'` covers the WebSocket too (CSP 3, section 6.7.2.8).
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The build names these after their content. */
const hashedFile = /[\\/]assets[\\/][^\\/]+$/;

/**
 * The page and its files at `/`, for anybody: what they show is asked of the API, which asks for a key.
 * @param folder what the dashboard's build made
 */
export function mountDashboardFiles(app: Express, folder: string): void {
  app.use(
    express.static(folder, {
      etag: true,
      redirect: false,
      setHeaders(res, file) {
        res.setHeader("content-security-policy", contentSecurityPolicy);
        res.setHeader("x-content-type-options", "nosniff");
        res.setHeader("referrer-policy", "no-referrer");
        res.setHeader("cross-origin-opener-policy", "same-origin");
        const isHashed = hashedFile.test(file);
        const lasting = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
        res.setHeader("cache-control", file.endsWith(".html") ? "no-store" : lasting);
      },
    }),
  );
}
