import { useEffect, useRef, useState } from "preact/hooks";

import { param, setParams } from "../core/route.ts";
import { useKeys } from "../ui/use-keys.ts";
import { sorts } from "./order.ts";
import { chosenSort } from "./session-table.tsx";

/** A request a key stroke would be too many. */
const typedMs = 250;

const sortWords = {
  attention: "problems first",
  activity: "latest activity",
  created: "newest",
  name: "name",
  cost: "cost",
} as const;

export function Filters() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(param("q"));
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== param("q")) setParams({ q: text });
    }, typedMs);
    return () => clearTimeout(timer);
  }, [text]);
  const fromUrl = param("q");
  useEffect(() => setText(fromUrl), [fromUrl]);
  useKeys({ "/": () => input.current?.focus() });

  return (
    <search class="filters">
      <label class="field">
        <span>Search</span>
        <input
          ref={input}
          type="search"
          value={text}
          placeholder="name, label, user, or text in any record"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <FilterField name="user" label="User" />
      <FilterField name="label" label="Label" placeholder="key:value" />
      <label class="field">
        <span>Sort</span>
        <select
          value={chosenSort()}
          onChange={({ currentTarget: { value } }) =>
            setParams({ sort: value === "attention" ? "" : value })
          }
        >
          {sorts.map((sort) => (
            <option value={sort} key={sort}>
              {sortWords[sort]}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function FilterField(props: { name: string; label: string; placeholder?: string }) {
  const { name, label, placeholder } = props;
  return (
    <label class="field is-small">
      <span>{label}</span>
      <input
        type="text"
        value={param(name)}
        placeholder={placeholder}
        onChange={({ currentTarget }) => setParams({ [name]: currentTarget.value.trim() })}
      />
    </label>
  );
}
