import * as z from "zod";

import {
  type Problem,
  type ProblemCode,
  type Route,
  type RouteName,
  contentTypes,
  problemSchema,
  problems,
  routes,
} from "../src/index.ts";
import { assert } from "./platform.ts";
import type { RawAnswer } from "./transport.ts";

type Schemas<Name extends RouteName> = (typeof routes)[Name]["answers"] extends infer Answers
  ? Answers[keyof Answers]
  : never;
/** What a route answers when it does what was asked. */
export type AnswerBody<Name extends RouteName> =
  Schemas<Name> extends infer Schema
    ? Schema extends z.ZodType
      ? z.output<Schema>
      : unknown
    : never;

const ofCredentials: readonly ProblemCode[] = ["unauthorized", "forbidden"];
/** Any route may refuse with these. */
const ofEveryRoute: readonly ProblemCode[] = [
  "host_not_allowed",
  "origin_not_allowed",
  "invalid_request",
  "not_found",
  "method_not_allowed",
];
const leaks = /\bat .+\.[cm]?[jt]s:\d+|node_modules|file:\/\/|ZodError|\/(home|root|usr|var|tmp)\//;

export function contentTypeOf({ headers }: Pick<RawAnswer, "headers">): string {
  return String(headers["content-type"] ?? "").split(";")[0] ?? "";
}

/** @throws when the text is not JSON, or not of that shape */
export function parseAs<Schema extends z.ZodType>(schema: Schema, text: string, what: string) {
  const value: unknown = JSON.parse(text);
  const { success, error } = schema.safeParse(value);
  assert.ok(
    success,
    `${what} breaks the contract: ${error && z.prettifyError(error)}\n${text.slice(0, 500)}`,
  );
  // As it came: parsing would drop members that the schema does not name.
  return value as z.output<Schema>;
}

/** Checks everything that is promised of every refusal. */
export function parseProblem(answer: RawAnswer, code: ProblemCode, route?: RouteName): Problem {
  const said = `${answer.status} ${contentTypeOf(answer)} ${answer.text.slice(0, 500)}`;
  assert.equal(answer.status, problems[code].status, `expected ${code}, got ${said}`);
  assert.equal(contentTypeOf(answer), contentTypes.problem, said);
  const problem = parseAs(problemSchema, answer.text, "the problem");
  assert.equal(problem.code, code, said);
  assert.equal(problem.status, answer.status, said);
  assert.equal(problem.title, problems[code].title, said);
  assert.equal(problem.error, problem.detail, said);
  assert.ok(problem.detail.length > 0, said);
  assert.ok(!Number.isNaN(Date.parse(problem.timestamp)), said);
  assert.doesNotMatch(answer.text, leaks);
  if (route !== undefined) {
    const { problems: declared, access }: Route = routes[route];
    const allowed = [...declared, ...(access === "public" ? [] : ofCredentials), ...ofEveryRoute];
    assert.ok(allowed.includes(code), `${route} does not declare ${code}`);
  }
  return problem;
}

/** Checks the answer of a route that did what was asked. */
export function parseAnswer<Name extends RouteName>(name: Name, answer: RawAnswer) {
  const route: Route = routes[name];
  const schema = route.answers[answer.status];
  assert.ok(
    schema !== undefined,
    `${name} answered ${answer.status}: ${answer.text.slice(0, 500)}`,
  );
  if (typeof schema === "string") {
    assert.equal(contentTypeOf(answer), schema);
    return answer.text as AnswerBody<Name>;
  }
  assert.equal(contentTypeOf(answer), contentTypes.json);
  return parseAs(schema, answer.text, `the answer of ${name}`) as AnswerBody<Name>;
}
