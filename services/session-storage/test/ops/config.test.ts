import { describe, expect, it } from "vitest";

import { readConfig } from "../../src/ops/config.ts";

const key = "0123456789abcdef";

it("needs nothing on loopback", () => {
  expect(readConfig({})).toMatchObject({
    port: 9000,
    host: "127.0.0.1",
    storagePath: "/var/claude-sessions",
    durability: "fsync",
    isAuthOn: false,
  });
});

it.each([
  [{ API_KEYS: key }, true],
  [{ API_KEYS: key, AUTH: "off" }, false],
  [{ HOST: "0.0.0.0", API_KEYS: key }, true],
  [{ HOST: "0.0.0.0", API_KEYS_FILE: "/run/keys" }, true],
])("with %j asks for credentials: %s", (environment, isAuthOn) => {
  expect(readConfig(environment).isAuthOn).toBe(isAuthOn);
});

it("reads SESSIONS_DIR as an older name of STORAGE_PATH", () => {
  expect(readConfig({ SESSIONS_DIR: "/old" }).storagePath).toBe("/old");
  expect(readConfig({ SESSIONS_DIR: "/old", STORAGE_PATH: "/new" }).storagePath).toBe("/new");
});

describe("refuses to start", () => {
  it.each([
    ["on every address without a key", { HOST: "0.0.0.0" }, /set API_KEYS/],
    [
      "on every address without credentials",
      { HOST: "0.0.0.0", AUTH: "off" },
      /AUTH=off is for loopback only/,
    ],
    ["with AUTH=on and no key", { AUTH: "on" }, /set API_KEYS/],
    ["with a short key", { API_KEYS: "short" }, /API_KEYS.*16 characters/],
    ["with a port that is none", { PORT: "http" }, /^PORT: .*"http"/],
    [
      "with a record larger than a batch",
      { MAX_RECORD_BYTES: "9999999" },
      /^MAX_RECORD_BYTES: .*4194304/,
    ],
    ["with an unknown durability", { DURABILITY: "maybe" }, /^DURABILITY: .*"maybe"/],
  ])("%s", (_name, environment, message) => {
    expect(() => readConfig(environment)).toThrowError(message);
  });

  it("with one line for each mistake, and no key in them", () => {
    expect(() => readConfig({ PORT: "-1", LOG_LEVEL: "loud", API_KEYS: "secret" })).toThrowError(
      expect.objectContaining({
        mistakes: [
          expect.stringMatching(/^PORT/),
          expect.stringMatching(/^LOG_LEVEL/),
          expect.not.stringContaining("secret"),
        ],
      }),
    );
  });
});
