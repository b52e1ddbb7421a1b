import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { createClient } from "../support/client.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const image = "agent-session-store/session-storage:test";
const key = "image-test-key-0123456789";
const port = 9000;

const docker = spawnSync("docker", ["info"], { encoding: "utf8" });
const noDocker = docker.error?.message ?? (docker.status === 0 ? undefined : docker.stderr.trim());
if (noDocker !== undefined)
  process.stdout.write(`skipping the tests of the image, no Docker engine answers: ${noDocker}\n`);

describe.skipIf(noDocker !== undefined)("the image", () => {
  // No DOCKER_HOST is set where the engine is the machine's own; the reaper would have to be pulled.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  process.env["DOCKER_HOST"] ??= "unix:///var/run/docker.sock";

  beforeAll(async () => {
    await GenericContainer.fromDockerfile(root, "services/session-storage/Dockerfile").build(
      image,
      {
        deleteOnExit: false,
      },
    );
  }, 600_000);

  async function start(volume: string): Promise<StartedTestContainer> {
    const container = await new GenericContainer(image)
      // From a container the engine's ports are found at the address of its bridge.
      .withEnvironment({ API_KEYS: key, ALLOWED_HOSTS: "*" })
      .withBindMounts([{ source: volume, target: "/var/claude-sessions", mode: "rw" }])
      .withTmpFs({ "/tmp": "" })
      .withExposedPorts(port)
      .withWaitStrategy(Wait.forHttp("/readyz", port))
      .start();
    onTestFinished(() => void spawnSync("docker", ["rm", "-f", container.getId()]));
    return container;
  }

  function volumeOf(): string {
    const made = spawnSync("docker", ["volume", "create"], { encoding: "utf8" });
    const name = made.stdout.trim();
    onTestFinished(() => void spawnSync("docker", ["volume", "rm", "-f", name]));
    return name;
  }

  const clientOf = (container: StartedTestContainer) =>
    createClient(`http://${container.getHost()}:${container.getMappedPort(port)}`, {
      authorization: `Bearer ${key}`,
    });

  it("runs without root, keeps what was acknowledged through docker kill, and drains on docker stop", async () => {
    const volume = volumeOf();
    const first = await start(volume);
    const client = clientOf(first);
    await client.create("s-1");
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.act("s-1")));
    expect((await first.exec(["id", "-u"])).output.trim()).toBe("1000");
    spawnSync("docker", ["kill", first.getId()]);

    const second = await start(volume);
    const after = clientOf(second);

    const offsets = (await after.get("/api/actions/s-1")).body.map(
      (r: { offset: number }) => r.offset,
    );
    expect(offsets).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
    expect(answers.map(({ body }) => body.offset).sort((a, b) => a - b)).toEqual(offsets);
    const began = Date.now();
    spawnSync("docker", ["stop", "--time", "10", second.getId()]);
    expect(Date.now() - began).toBeLessThan(8_000);
    const state = spawnSync(
      "docker",
      ["inspect", "--format", "{{.State.ExitCode}}", second.getId()],
      {
        encoding: "utf8",
      },
    );
    expect(state.stdout.trim()).toBe("0");
  }, 120_000);

  it("lets one container have the volume; a second one says who has it and ends", async () => {
    const volume = volumeOf();
    await start(volume);

    const second = spawnSync(
      "docker",
      ["run", "--rm", "-e", `API_KEYS=${key}`, "-v", `${volume}:/var/claude-sessions`, image],
      { encoding: "utf8", timeout: 30_000 },
    );

    expect(second.status).toBe(1);
    expect(second.stdout).toContain("another service holds the volume /var/claude-sessions");
  }, 120_000);

  it("does not start on every address without a key, and says what to set", () => {
    const refused = spawnSync("docker", ["run", "--rm", "-e", "API_KEYS_FILE=", image], {
      encoding: "utf8",
    });

    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("set API_KEYS");
  });
});
