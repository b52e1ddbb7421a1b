import type { RestoreReport } from "./restore.ts";

/** The command to go on with, and what was restored as comments: a shell can run all of it. */
export function shellText(report: RestoreReport, currentDirectory: string): string {
  const { transcripts, lease, parentSession, cwd } = report;
  const entries = transcripts.reduce((sum, each) => sum + each.entries, 0);
  const own = transcripts.reduce((sum, each) => sum + each.own, 0);
  const torn = transcripts.flatMap((each) => each.torn ?? []);
  const lines = [
    `# restored ${entries} entries in ${transcripts.length} transcripts: ${transcripts[0]?.path ?? "all there"}`,
    ...(own > 0 ? [`# ${own} lines stood here only`] : []),
    ...torn.map((path) => `# a torn line was put aside: ${path}`),
    parentSession === undefined
      ? `# session ${report.sessionId}, ${lease ? `lease of ${lease.owner}, epoch ${lease.epoch}` : "without a lease"}`
      : `# session ${report.sessionId}, a fork of ${parentSession}`,
  ];
  const command = report.command.join(" ");
  const there =
    cwd === currentDirectory ? command : `cd '${cwd.replaceAll("'", "'\\''")}' && ${command}`;
  return `${[...lines, there].join("\n")}\n`;
}
