import { useState } from "preact/hooks";

import { briefOf, plain } from "../core/plain.ts";

/** Members that are drawn at once; a button shows the next ones. */
const pageMembers = 100;
const longText = 2_000;

interface NodeProps {
  name: string | undefined;
  value: unknown;
  depth: number;
  path: string;
  /** Paths that changed last, `/phase` for example. */
  changed: ReadonlySet<string>;
}

/** JSON, opened as far as somebody looks; a closed part costs nothing. */
export function JsonTree({
  value,
  changed = new Set(),
}: {
  value: unknown;
  changed?: ReadonlySet<string>;
}) {
  return (
    <ul class="json">
      <JsonNode name={undefined} value={value} depth={0} path="" changed={changed} />
    </ul>
  );
}

function JsonNode({ name, value, depth, path, changed }: NodeProps) {
  const isBranch = typeof value === "object" && value !== null;
  const mark = changed.has(path) ? "is-changed" : "";
  if (isBranch)
    return <Branch name={name} value={value} depth={depth} path={path} changed={changed} />;
  return (
    <li class={mark}>
      <Name name={name} />
      <Leaf value={value} />
      {mark !== "" && <span class="json-mark">changed last</span>}
    </li>
  );
}

function Branch({ name, value, depth, path, changed }: NodeProps & { value: object }) {
  const [isOpen, setOpen] = useState(depth < 2);
  const [shown, setShown] = useState(pageMembers);
  const entries = isOpen ? Object.entries(value) : [];
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  const size = Array.isArray(value) ? `[${count}]` : `{${count}}`;
  const mark = changed.has(path) ? "is-changed" : "";
  return (
    <li class={mark}>
      <button
        type="button"
        class="json-toggle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Name name={name} />
        <span class="json-size">{size}</span> {!isOpen && briefOf(value, 80)}
      </button>
      {mark !== "" && <span class="json-mark">changed last</span>}
      {isOpen && (
        <ul>
          {entries.slice(0, shown).map(([key, member]) => (
            <JsonNode
              key={key}
              name={key}
              value={member}
              depth={depth + 1}
              path={`${path}/${key}`}
              changed={changed}
            />
          ))}
          {entries.length > shown && (
            <li>
              <button type="button" onClick={() => setShown(shown + pageMembers)}>
                Show {Math.min(pageMembers, entries.length - shown)} more of {entries.length}
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

const Name = ({ name }: { name: string | undefined }) =>
  name === undefined ? null : <span class="json-name">{plain(name.slice(0, 200))}: </span>;

function Leaf({ value }: { value: unknown }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string") return <span class="json-value">{String(value)}</span>;
  const isLong = value.length > longText && !isWhole;
  return (
    <span class="json-text">
      {plain(isLong ? value.slice(0, longText) : value)}
      {isLong && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {value.length} characters
        </button>
      )}
    </span>
  );
}
