import { readFile } from "node:fs/promises";

import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { FakeListChatModel } from "@langchain/core/utils/testing";

export type Asking = "classify" | "extract" | "drafter" | "reviewer";
export type Models = Record<Asking, BaseChatModel>;

/**
 * The place for a real model. These give the answers that the file has for each node, in their order, so that
 * the example runs without a key or a network.
 * @param thinkMs how long each answer takes, milliseconds
 */
export async function scriptedModels(file: URL, thinkMs: number): Promise<Models> {
  const answers = JSON.parse(await readFile(file, "utf8")) as Record<Asking, string[]>;
  const scripted = (responses: string[]) => new FakeListChatModel({ responses, sleep: thinkMs });
  return {
    classify: scripted(answers.classify),
    extract: scripted(answers.extract),
    drafter: scripted(answers.drafter),
    reviewer: scripted(answers.reviewer),
  };
}
