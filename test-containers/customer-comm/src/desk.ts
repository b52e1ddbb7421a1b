import { Annotation } from "@langchain/langgraph";

export const specialists = ["orders", "billing", "writer"] as const;
export type Specialist = (typeof specialists)[number];

/** What the governor wants a specialist to do; also a goal of the session. */
export interface Task {
  readonly goalId: string;
  readonly specialist: Specialist;
  readonly goal: string;
  readonly priority: "high" | "medium" | "low";
}

export interface Report {
  readonly goalId: string;
  readonly text: string;
}

/** What lies on the desk between governor and specialists. */
export const Desk = Annotation.Root({
  letter: Annotation<string>(),
  /** Done one after another; the next one is that without a report. */
  tasks: Annotation<Task[]>({ reducer: (_before, after) => after, default: () => [] }),
  reports: Annotation<Report[]>({
    reducer: (before, more) => [...before, ...more],
    default: () => [],
  }),
  reply: Annotation<string>(),
});
export type DeskState = typeof Desk.State;
