import { rm } from "node:fs/promises";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";

import { type OpenPage, launchChromium, openPage } from "./chromium.ts";
import { type Service, buildDashboard, startService } from "./service.ts";

export interface StageOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Records what the tests look at. */
  fill?(service: Service): Promise<unknown>;
}

/** What browser tests have in common: the built page, a service with it, and Chromium. */
export interface Stage {
  /** A second service with the same page and nothing in it. */
  another(environment?: Readonly<Record<string, string>>): Promise<Service>;
  /** A page of its own for a test, closed after it. */
  open(service?: Service): Promise<OpenPage & { readonly service: Service }>;
}

/** Called in a `describe`: set up before its first test, taken down after its last one. */
export function setStage({ environment = {}, fill }: StageOptions = {}): Stage {
  let folder: string;
  let browser: Browser;
  const services: Service[] = [];
  const first = (): Service => {
    const [service] = services;
    if (service === undefined) throw new Error("the stage is set when the first test begins");
    return service;
  };

  async function another(more = {}): Promise<Service> {
    const service = await startService(folder, more);
    services.push(service);
    return service;
  }

  beforeAll(async () => {
    folder = await buildDashboard();
    [browser] = await Promise.all([launchChromium(), another(environment)]);
    await fill?.(first());
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(services.map((service) => service.close()));
    await rm(folder, { recursive: true, force: true });
  });

  return {
    another,
    async open(service = first()) {
      const opened = await openPage(browser, service.url);
      onTestFinished(() => opened.context.close());
      return { ...opened, service };
    },
  };
}
