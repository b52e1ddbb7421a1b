import { fileURLToPath } from "node:url";

import { readConfig } from "./config.ts";

const usage = `session-hook: records Claude Code

  session-hook settings          settings for claude --settings
  session-hook run -- claude …   runs a program beside a relay
  session-hook relay             the relay alone
  session-hook start             the command hook: starts the relay, hands on the hook on stdin
  session-hook doctor            what works and what doesn't
  session-hook restore [session] [--cwd DIR] [--fork] [--force] [--json]
                                 puts a session's transcripts where claude --resume finds them
`;

const program = fileURLToPath(import.meta.url);
const config = readConfig(process.env);

async function main([command = "help", ...args]: string[]): Promise<number> {
  // Loaded one by one: the CLI waits for `start`.
  switch (command) {
    case "start": {
      const { start } = await import("./start.ts");
      // An agent must not fail because it is recorded; doctor tells what is wrong.
      await start(config, process.env, program).catch(() => {});
      return 0;
    }
    case "relay": {
      const { relayUntilIdle } = await import("./relay/until-idle.ts");
      return relayUntilIdle(config);
    }
    case "run": {
      const { run } = await import("./run.ts");
      const argv = args[0] === "--" ? args.slice(1) : args;
      return run({ argv, env: process.env, port: config.port, program });
    }
    case "settings": {
      const [{ createSettings }, { shellCommand }] = await Promise.all([
        import("./settings.ts"),
        import("./run.ts"),
      ]);
      process.stdout.write(
        `${JSON.stringify(createSettings(config.port, shellCommand(program)))}\n`,
      );
      return 0;
    }
    case "doctor": {
      const [{ examine }, { shellCommand }] = await Promise.all([
        import("./doctor.ts"),
        import("./run.ts"),
      ]);
      const { lines, ok } = await examine(config, shellCommand(program));
      process.stdout.write(`${lines.join("\n")}\n`);
      return ok ? 0 : 1;
    }
    case "restore": {
      const { restoreCommand } = await import("./restore/command.ts");
      const { out, err, code } = await restoreCommand(config, args, process.cwd());
      process.stdout.write(out);
      process.stderr.write(err);
      return code;
    }
    default:
      process.stderr.write(usage);
      return command === "help" ? 0 : 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
