import { plain } from "../core/plain.ts";
import type { ShownStatus } from "../core/status.ts";
import { type GoalView, readGoals } from "../core/wire.ts";
import { StatusIcon } from "../ui/icon.tsx";

const shapes: Readonly<Record<string, ShownStatus>> = {
  pending: "idle",
  in_progress: "running",
  completed: "completed",
  blocked: "waiting",
  cancelled: "stopped",
};

export function GoalsTab({ state }: { state: unknown }) {
  const goals = readGoals(state);
  if (goals.length === 0) return <p class="message">This session has set no goal.</p>;
  const done = goals.filter(({ status }) => status === "completed").length;
  return (
    <section class="pane" aria-label="Goals">
      <p>
        <progress max={goals.length} value={done} aria-label="Goals completed" />{" "}
        <span class="number">
          {done}/{goals.length}
        </span>{" "}
        completed
      </p>
      <ul class="goals">
        {goals.map((goal) => (
          <Goal goal={goal} key={goal.goalId} />
        ))}
      </ul>
    </section>
  );
}

function Goal({ goal: { description, status, priority } }: { goal: GoalView }) {
  const shape = shapes[status] ?? "idle";
  return (
    <li>
      <span class={`status is-${shape}`}>
        <StatusIcon status={shape} />
        {plain(status.replaceAll("_", " "))}
      </span>
      <span class="goal-text">{plain(description)}</span>
      <span class="quiet">{plain(priority)}</span>
    </li>
  );
}
