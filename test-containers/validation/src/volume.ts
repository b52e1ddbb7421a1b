import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const stopSeconds = "10";
const storagePath = "/var/claude-sessions";

/**
 * Ends the service, which writes what its files still lack, and copies its volume.
 * @param container of the service, by name or id
 * @param folder where the copy goes; it must not be there
 * @returns the exit code of the service
 */
export async function endAndCopyVolume(container: string, folder: string): Promise<number> {
  await run("docker", ["stop", "--time", stopSeconds, container]);
  const { stdout } = await run("docker", ["wait", container]);
  await run("docker", ["cp", `${container}:${storagePath}`, folder]);
  return Number(stdout);
}
