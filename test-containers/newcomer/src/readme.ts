import { readFileSync } from "node:fs";

/** A fenced code block. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

interface Section {
  /** Up to the first comma, without its link. */
  readonly name: string;
  readonly level: number;
  readonly blocks: Block[];
}

/** What a newcomer finds below a heading of README.md: its first block. */
export function readmeBlock(name: string): Block {
  const [block] = sections.find((section) => section.name === name)?.blocks ?? [];
  if (block === undefined) throw new Error(`README.md has no code below a heading "${name}"`);
  return block;
}

/** The headings one level below this one. */
export function readmeParts(name: string): string[] {
  const start = sections.findIndex((section) => section.name === name);
  const level = sections[start]?.level;
  if (level === undefined) throw new Error(`README.md has no heading "${name}"`);
  const rest = sections.slice(start + 1);
  const end = rest.findIndex((section) => section.level <= level);
  const inside = end < 0 ? rest : rest.slice(0, end);
  return inside.filter((section) => section.level === level + 1).map((section) => section.name);
}

/** Headings and fences as README.md has them: at the start of a line, with no fence inside a fence. */
function readSections(markdown: string): Section[] {
  const found: Section[] = [];
  const heading = /^(#+) \[?([^\],\n]+)|^```(\w*)\n([^]*?)^```$/gm;
  for (const [, hashes, name, language, text] of markdown.matchAll(heading)) {
    if (hashes !== undefined && name !== undefined)
      found.push({ name: name.trim(), level: hashes.length, blocks: [] });
    else found.at(-1)?.blocks.push({ language: language ?? "", text: text ?? "" });
  }
  return found;
}

const sections = readSections(readFileSync(new URL("../../../README.md", import.meta.url), "utf8"));
