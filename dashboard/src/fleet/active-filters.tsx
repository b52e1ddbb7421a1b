import { plainLine } from "../core/plain.ts";
import { param, setParams } from "../core/route.ts";
import { Icon } from "../ui/icon.tsx";

const names = ["q", "user", "label"] as const;

/** What the list is narrowed to beside a status, each part to be taken away with one click. */
export function ActiveFilters() {
  const active = names.filter((name) => param(name) !== "");
  if (active.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters in use">
      {active.map((name) => {
        const words = plainLine(`${name === "q" ? "text" : name}: ${param(name)}`, 60);
        return (
          <li key={name}>
            <button
              type="button"
              class="chip"
              aria-label={`${words}: take this filter away`}
              onClick={() => setParams({ [name]: "" })}
            >
              {words} <Icon glyph="close" />
            </button>
          </li>
        );
      })}
      {active.length > 1 && (
        <li>
          <button type="button" onClick={() => setParams({ q: "", user: "", label: "" })}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}
