import { lockVolume } from "../../../src/files/volume-lock.ts";

const [, , path = ""] = process.argv;
try {
  lockVolume(path);
  process.stdout.write("won\n");
  // Holds it until it is killed.
  process.stdin.resume();
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
