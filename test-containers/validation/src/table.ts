import type { Report } from "./validate.ts";

const heads = ["session", "status", "actions", "responses", "goals", "agents", "checks"];

/** One line a session, for people. */
export function tableOf(reports: readonly Report[]): string {
  const rows = reports.map(({ sessionId, told, checks }) => {
    const { status = "-", counts } = told?.view.metadata ?? {};
    const passed = checks.filter(({ ok }) => ok).length;
    return [
      sessionId,
      status,
      String(counts?.actions ?? "-"),
      String(counts?.responses ?? "-"),
      counts === undefined ? "-" : `${counts.goalsCompleted}/${counts.goals}`,
      String(counts?.agents ?? "-"),
      `${passed}/${checks.length}`,
    ];
  });
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** What does not hold, one line each; empty when all does. */
export function failuresOf(reports: readonly Report[]): string[] {
  return reports.flatMap(({ sessionId, checks }) =>
    checks
      .filter(({ ok }) => !ok)
      .map(({ name, detail }) => `FAIL ${sessionId}: ${name}${detail && `\n     ${detail}`}`),
  );
}
