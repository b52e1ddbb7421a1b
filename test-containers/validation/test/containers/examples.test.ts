import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { GenericContainer, Network, type StartedNetwork, Wait } from "testcontainers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { buildSessionHook } from "../../../../hook-agents/claude-code/build.mjs";
import { expectationsOf } from "../../src/expectations.ts";
import { failuresOf, tableOf } from "../../src/table.ts";
import type { Target } from "../../src/told.ts";
import { readAll, validate } from "../../src/validate.ts";
import { endAndCopyVolume } from "../../src/volume.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const key = "examples-test-key-0123456789";
const images = {
  service: "agent-session-store/session-storage:test",
  customerComm: "agent-session-store/customer-comm:test",
  emailSolver: "agent-session-store/email-solver:test",
  claudeCode: "agent-session-store/claude-code:test",
};

const docker = spawnSync("docker", ["info"], { encoding: "utf8" });
const noDocker = docker.error?.message ?? (docker.status === 0 ? undefined : docker.stderr.trim());
if (noDocker !== undefined)
  process.stdout.write(
    `skipping the examples' containers, no Docker engine answers: ${noDocker}\n`,
  );

describe.skipIf(noDocker !== undefined)("the examples in their containers", () => {
  // No DOCKER_HOST is set where the engine is the machine's own; the reaper would have to be pulled.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  process.env["DOCKER_HOST"] ??= "unix:///var/run/docker.sock";

  let folder: string;
  let network: StartedNetwork;
  const label = `agent-session-store.examples-${process.pid}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "examples-"));
    await buildSessionHook(join(folder, "hook"));
    // One after another: all but this one share the layer with the packages, which other tests build at the same time.
    await build(images.claudeCode, join(root, "test-containers/claude-code"), "Dockerfile");
    await build(images.service, root, "services/session-storage/Dockerfile");
    await build(images.customerComm, root, "test-containers/customer-comm/Dockerfile");
    await build(images.emailSolver, root, "test-containers/email-solver/Dockerfile");
    network = await new Network().start();
  }, 600_000);
  afterAll(async () => {
    const made = spawnSync("docker", ["ps", "--all", "--quiet", "--filter", `label=${label}`]);
    const ids = made.stdout.toString().split("\n").filter(Boolean);
    spawnSync("docker", ["rm", "--force", "--volumes", ...ids]);
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function build(image: string, context: string, dockerfile: string): Promise<void> {
    await GenericContainer.fromDockerfile(context, dockerfile).build(image, {
      deleteOnExit: false,
    });
  }

  const inNetwork = (image: string, name: string) =>
    new GenericContainer(image)
      .withLabels({ [label]: name })
      .withNetwork(network)
      .withNetworkAliases(name);
  /** A container that records, and ends by itself. */
  const worker = (image: string, sessionId: string, service: string) =>
    inNetwork(image, sessionId).withEnvironment({
      SESSION_ID: sessionId,
      SESSION_SERVICE_URL: `http://${service}:9000`,
      SESSION_TOKEN: key,
      THINK_MS: "50",
    });
  const untilEnd = Wait.forOneShotStartup().withStartupTimeout(120_000);

  async function startService(name: string): Promise<{ id: string; target: Target }> {
    const container = await inNetwork(images.service, name)
      // Its alias, and whatever the engine's ports are found at from here.
      .withEnvironment({ API_KEYS: key, ALLOWED_HOSTS: "*" })
      .withExposedPorts(9_000)
      .withWaitStrategy(Wait.forHttp("/readyz", 9_000))
      .start();
    const baseUrl = `http://${container.getHost()}:${container.getMappedPort(9_000)}`;
    return { id: container.getId(), target: { baseUrl, apiKey: key } };
  }

  it("are recorded whole, by the API and by the files on the volume", async () => {
    const service = await startService("whole");
    await inNetwork("node:24-bookworm-slim", "scripted-model")
      .withBindMounts([
        { source: join(root, "test-containers/scripted-model"), target: "/app", mode: "ro" },
      ])
      .withEnvironment({ HOST: "0.0.0.0" })
      .withCommand(["node", "/app/src/main.ts"])
      .withWaitStrategy(Wait.forLogMessage('"msg":"listening"'))
      .start();
    const claude = worker(images.claudeCode, "test-claude-1", "whole")
      .withEnvironment({
        ANTHROPIC_BASE_URL: "http://scripted-model:9200",
        ANTHROPIC_API_KEY: "dummy",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        DISABLE_AUTOUPDATER: "1",
      })
      .withBindMounts([
        { source: join(folder, "hook"), target: "/etc/claude-code/managed-settings.d", mode: "ro" },
      ])
      .withEntrypoint(["node", "/etc/claude-code/managed-settings.d/session-hook.mjs", "run", "--"])
      .withCommand(["/opt/take-turns.sh", "/opt/turns"]);
    await Promise.all(
      [
        worker(images.customerComm, "test-customer-1", "whole"),
        worker(images.emailSolver, "test-email-1", "whole"),
        claude,
      ].map((one) => one.withWaitStrategy(untilEnd).start()),
    );

    const expectations = expectationsOf("1");
    const reading = await readAll(service.target, expectations);
    const exitCode = await endAndCopyVolume(service.id, join(folder, "whole"));
    const reports = await validate(reading, join(folder, "whole"), expectations);

    process.stdout.write(`${tableOf(reports)}\n`);
    expect(failuresOf(reports)).toEqual([]);
    expect(exitCode).toBe(0);
  }, 240_000);

  it("are not called recorded when a worker was killed", async () => {
    const service = await startService("killed");
    const slow = await worker(images.customerComm, "test-customer-1", "killed")
      .withEnvironment({ THINK_MS: "600000" })
      .start();
    const expectations = expectationsOf("1", ["customer-comm"]);
    // The governor has begun, and thinks.
    await expect
      .poll(
        async () =>
          JSON.stringify(
            (await readAll(service.target, expectations)).sessions.get("test-customer-1"),
          ),
        { timeout: 30_000 },
      )
      .toContain('"agent_spawned"');
    spawnSync("docker", ["kill", slow.getId()]);

    const reading = await readAll(service.target, expectations);
    await endAndCopyVolume(service.id, join(folder, "killed"));
    const reports = await validate(reading, join(folder, "killed"), expectations);

    const failures = failuresOf(reports).join("\n");
    expect(failures).toContain("test-customer-1: it ends with its finalization");
    expect(failures).toContain("test-customer-1: it is completed");
    // What there is has to be whole all the same.
    expect(failures).not.toMatch(/jsonl|merged|gap-free|state\.json/);
  }, 120_000);
});
