import * as query from "../query.ts";
import * as state from "../state.ts";
import {
  type Route,
  byAgent,
  byGoal,
  bySession,
  contentTypes,
  readProblems,
  writeProblems,
} from "./route.ts";

const { json, mergePatch } = contentTypes;

export const stateRoutes = {
  getState: {
    method: "get",
    path: "/api/state/{sessionId}",
    summary: "The state document; its version is the ETag",
    access: "session",
    params: bySession,
    answers: { 200: state.stateSchema },
    problems: readProblems,
  },
  patchState: {
    method: "patch",
    path: "/api/state/{sessionId}",
    summary: "Change the state: deep merge, or RFC 7396 by content type; honours If-Match",
    access: "session",
    params: bySession,
    query: query.appendQuerySchema,
    body: { [json]: state.statePatchSchema, [mergePatch]: state.statePatchSchema },
    answers: { 200: state.stateSchema },
    problems: [...writeProblems, "version_mismatch"],
  },
  addGoal: {
    method: "post",
    path: "/api/state/{sessionId}/goals",
    summary: "Add a goal",
    access: "session",
    params: bySession,
    body: { [json]: state.goalInputSchema },
    answers: { 201: state.goalReceiptSchema },
    problems: [...writeProblems, "goal_exists"],
  },
  patchGoal: {
    method: "patch",
    path: "/api/state/{sessionId}/goals/{goalId}",
    summary: "Change a goal",
    access: "session",
    params: byGoal,
    body: { [json]: state.goalPatchSchema, [mergePatch]: state.goalPatchSchema },
    answers: { 200: state.goalReceiptSchema },
    problems: [...writeProblems, "goal_not_found"],
  },
  spawnAgent: {
    method: "post",
    path: "/api/state/{sessionId}/agents",
    summary: "Record a spawned agent",
    access: "session",
    params: bySession,
    body: { [json]: state.agentInputSchema },
    answers: { 201: state.agentReceiptSchema },
    problems: [...writeProblems, "agent_exists"],
  },
  completeAgent: {
    method: "post",
    path: "/api/state/{sessionId}/agents/{agentId}/complete",
    summary: "Record the end of a spawned agent",
    access: "session",
    params: byAgent,
    body: { [json]: state.agentCompletionSchema },
    answers: { 200: state.agentReceiptSchema },
    problems: [...writeProblems, "agent_not_found"],
  },
} as const satisfies Record<string, Route>;
