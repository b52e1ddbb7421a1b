import { existsSync } from "node:fs";

import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Without a browser these tests can't run; they say so. */
export const hasChromium = existsSync(executablePath);
if (!hasChromium)
  process.stderr.write(`browser tests are skipped: there is no ${executablePath} (set CHROMIUM)\n`);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What must never happen on any page, collected while it is open. */
export interface Trouble {
  readonly errors: string[];
  readonly violations: string[];
  readonly foreignRequests: string[];
  readonly dialogs: string[];
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly trouble: Trouble;
}

export async function openPage(
  browser: Browser,
  origin: string,
  viewport = { width: 1_280, height: 800 },
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const trouble: Trouble = { errors: [], violations: [], foreignRequests: [], dialogs: [] };
  page.on("pageerror", (error) => trouble.errors.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) trouble.violations.push(message.text());
  });
  page.on("dialog", (dialog) => {
    trouble.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    const isOwn = url.startsWith(origin) || url.startsWith("blob:") || url.startsWith("data:");
    if (!isOwn) trouble.foreignRequests.push(url);
  });
  page.setDefaultTimeout(15_000);
  return { page, context, trouble };
}

export const noTrouble: Trouble = { errors: [], violations: [], foreignRequests: [], dialogs: [] };
