// oxlint-disable-next-line no-control-regex
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** What reorders the text around it (Unicode 16, UAX 9: explicit directional characters). */
const directional = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** An agent's text as it is safe to look at: no terminal codes, nothing that rearranges its surroundings. */
export function plain(text: string): string {
  return text
    .replace(ansi, "")
    .replace(/\r\n?/g, "\n")
    .replace(control, "\ufffd")
    .replace(
      directional,
      (mark) => `\u27e8U+${mark.codePointAt(0)?.toString(16).toUpperCase()}\u27e9`,
    );
}

/** The same on one line, at most so many UTF-16 code units long. */
export function plainLine(text: string, maxLength = 240): string {
  const line = plain(text.slice(0, maxLength * 2))
    .replace(/\s+/g, " ")
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

/** Any value on one line, without walking through all of a big one. */
export function briefOf(value: unknown, maxLength = 240): string {
  if (typeof value === "string") return plainLine(value, maxLength);
  if (value === undefined || value === null) return "";
  if (typeof value !== "object") return JSON.stringify(value);
  let text = "";
  const isList = Array.isArray(value);
  for (const [name, member] of Object.entries(value)) {
    if (text.length > maxLength) break;
    const shown =
      typeof member === "object" && member !== null
        ? Array.isArray(member)
          ? `[${member.length}]`
          : "{…}"
        : member === null
          ? "null"
          : briefOf(member, maxLength);
    text += `${text === "" ? "" : ", "}${isList ? "" : `${plainLine(name, 60)}: `}${shown}`;
  }
  return plainLine(text, maxLength);
}
