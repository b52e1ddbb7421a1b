import { useRef } from "preact/hooks";

import { param, setParams } from "../core/route.ts";
import { useKeys } from "../ui/use-keys.ts";
import { kindWords } from "./feed-row.tsx";
import { rowKinds } from "./row.ts";

export function FeedFilters({ hasSession }: { hasSession: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => input.current?.focus() });
  const session = param("session");
  return (
    <search class="filters">
      <label class="field">
        <span>Text in these rows</span>
        <input
          ref={input}
          type="search"
          value={param("text")}
          onInput={({ currentTarget }) => setParams({ text: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>Kind</span>
        <select
          value={param("kind")}
          onChange={({ currentTarget }) => setParams({ kind: currentTarget.value })}
        >
          <option value="">all but transcripts</option>
          {rowKinds.map((kind) => (
            <option value={kind} key={kind}>
              {kindWords[kind]}
            </option>
          ))}
        </select>
      </label>
      {hasSession && session !== "" && (
        <button type="button" onClick={() => setParams({ session: "" })}>
          Only {session} ×
        </button>
      )}
    </search>
  );
}
