import { describe, expect, it } from "vitest";

import { hasChromium, noTrouble } from "../support/chromium.ts";
import { setStage } from "../support/stage.ts";
import { xssPayloads } from "../support/xss-payloads.ts";

const tabs = ["feed", "timeline", "agents", "goals", "state", "transcript", "raw"];

/** The payload in every place where an agent, or whoever talks it into it, can put a text. */
function commandsWith(payload: string, id: string): object[] {
  const action = (type: string, details: unknown) => ({ type: "action", data: { type, details } });
  return [
    action(payload.slice(0, 200), { [payload]: payload, nested: { [payload]: [payload] } }),
    action("user_prompt", { prompt: payload }),
    action("tool_use", {
      tool: payload,
      tool_use_id: payload,
      outcome: payload,
      error: payload,
      agentId: payload,
      input: { command: payload, file_path: payload },
      output: { structuredPatch: [{ lines: [payload, `+${payload}`] }], stdout: payload },
    }),
    action("permission_request", { tool: payload, input: { description: payload } }),
    { type: "response", data: { type: payload.slice(0, 200), content: payload, more: payload } },
    { type: "goal_added", data: { goalId: `g-${id}`, description: payload } },
    {
      type: "agent_spawned",
      data: { agentId: `a-${id}`, type: payload.slice(0, 200), task: payload },
    },
    { type: "agent_completed", data: { agentId: `a-${id}`, completion: { result: payload } } },
    { type: "transcript_entry", data: { projectKey: "p", entry: entryWith(payload) } },
  ];
}

/** In what the fleet shows of a session, which waits, works or has ended. */
function sessionWith(payload: string, index: number): object[] {
  const text = payload.slice(0, 200);
  const state = (patch: object) => ({ type: "state_updated", data: { mode: "merge", patch } });
  const data = { name: text, userId: text, model: text, labels: { host: text, x: text } };
  const step = { tool: payload, summary: payload };
  return [
    { type: "session_created", data: { ...data, tags: [text], workingDirectory: payload } },
    state({ phase: payload, currentStep: step, heartbeatAt: payload }),
    ...[
      [state({ waiting: { reason: payload, ...step } })],
      [{ type: "session_finalized", data: { status: "error", outcome: { error: payload } } }],
      [],
    ][index % 3]!,
  ];
}

function entryWith(payload: string): object {
  const input = { [payload]: payload };
  const content = [
    { type: "text", text: payload },
    { type: "tool_use", name: payload, input },
    { type: "tool_result", content: payload },
    { type: payload, [payload]: payload },
  ];
  return { type: payload, message: { content }, [payload]: payload };
}

describe.runIf(hasChromium)("what agents write", () => {
  const stage = setStage({
    async fill(service) {
      const [first = ""] = xssPayloads;
      await service.post("/api/sessions", {
        sessionId: "hostile",
        name: first,
        userId: first,
        model: first,
        workingDirectory: first,
        labels: { host: first },
        initial: { [first]: first },
      });
      const commands = xssPayloads.flatMap((payload, index) =>
        commandsWith(payload, String(index)),
      );
      await service.post("/api/sessions/hostile/events", commands);
      await service.post("/api/sessions/hostile/lease", { owner: first });
      for (const [index, payload] of xssPayloads.entries())
        await service.post(`/api/sessions/hostile-${index}/events`, sessionWith(payload, index));
      const waiting = { reason: first, tool: first, summary: first };
      await service.post("/api/sessions/hostile/events", [
        {
          type: "state_updated",
          data: {
            mode: "merge",
            patch: { phase: "waiting", waiting, [first]: { [first]: first } },
          },
        },
      ]);
    },
  });

  it(`runs nowhere: ${xssPayloads.length} payloads in every text on every page`, async () => {
    expect(xssPayloads.length).toBeGreaterThanOrEqual(200);
    const { page, service, trouble } = await stage.open();
    await page.goto(`${service.url}/#/fleet`);
    await page.locator(".session-row a").first().waitFor();
    await page.getByRole("button", { name: /^Show all/ }).click();
    await expect.poll(() => page.locator(".attention-item").count()).toBeGreaterThan(100);
    const table = page.locator(".session-table .table-body");
    for (let top = 0; top < (xssPayloads.length + 1) * 32; top += 250)
      await table.evaluate((element, to) => void (element.scrollTop = to), top);
    await page.goto(`${service.url}/#/fleet?q=onerror&user=${encodeURIComponent("<b>")}`);
    await page.locator(".hits mark").first().waitFor();
    for (const tab of tabs) {
      await page.goto(`${service.url}/#/s/hostile/${tab}`);
      await page.locator(".tabs").waitFor();
      await page.locator(".pane, .feed").first().waitFor();
    }
    await page.goto(`${service.url}/#/s/hostile/transcript`);
    await page
      .locator(".entry.is-response .prose-head, .entry.is-response .prose p")
      .first()
      .waitFor();
    for (const tool of (await page.locator(".entry-tool").all()).slice(0, 40)) await tool.click();
    expect(
      await page.locator(".prose :is(script,img,svg,iframe,form,style,input,video)").count(),
    ).toBe(0);
    expect(await page.locator(".prose a:not([href^='http'])[href]").count()).toBe(0);
    for (const kind of ["transcript", ""]) {
      await page.goto(`${service.url}/#/s/hostile/feed?kind=${kind}`);
      await page.locator(".feed-row:not(.row-head)").nth(5).click();
      await page.locator(".panel .json").waitFor();
    }
    await page.goto(`${service.url}/#/feed`);
    await page.locator(".feed-row").nth(5).waitFor();
    expect(await page.evaluate(() => (globalThis as { hacked?: unknown }).hacked)).toBe(undefined);
    expect(trouble).toEqual(noTrouble);
  }, 60_000);

  it("shows markdown as markdown, and nothing of it that loads, links elsewhere or poses as the page", async () => {
    const { page, service, trouble } = await stage.open();
    await service.post("/api/sessions", { sessionId: "markdown" });
    await service.post("/api/actions/markdown/responses", {
      content:
        "# Head\n\n**bold** <b id=main class=top>x</b> ![i](http://evil.test/x.png) [a](javascript:alert(1)) [b](https://example.org)",
    });
    await page.goto(`${service.url}/#/s/markdown/transcript`);
    await page.locator(".prose strong").waitFor();
    expect(await page.locator("#main").count()).toBe(1);
    const link = page.locator(".prose a[href]");
    expect(await link.count()).toBe(1);
    expect(await link.getAttribute("rel")).toContain("noopener");
    expect(trouble).toEqual(noTrouble);
  });

  it("stays usable with bodies of 1 MB, in one event and in its details", async () => {
    const { page, service, trouble } = await stage.open();
    await service.post("/api/sessions", { sessionId: "big" });
    const text = `${"word ".repeat(190_000)}end`;
    await service.post("/api/actions/big", { type: "big", details: { text } });
    await service.post("/api/actions/big/responses", { content: text });
    await page.goto(`${service.url}/#/s/big/feed`);
    await page.locator(".feed-row", { hasText: "big" }).first().click();
    await page.locator(".panel .json-text button").first().waitFor();
    await page.goto(`${service.url}/#/s/big/transcript`);
    const response = page.locator(".entry.is-response");
    await response.getByRole("button", { name: "Show all 950 kB" }).click();
    const shownLength = async () => ((await response.textContent()) ?? "").length;
    await expect.poll(shownLength).toBeGreaterThan(900_000);
    await page.goto(`${service.url}/#/s/big/raw`);
    await page.locator(".raw-line").nth(1).waitFor();
    expect(trouble).toEqual(noTrouble);
  }, 30_000);
});
