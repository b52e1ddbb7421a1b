import { useEffect, useRef } from "preact/hooks";

import { type KeyMap, addKeys } from "../core/keys.ts";

/** Keys of a part of the page while it is shown; always those of its last drawing. */
export function useKeys(map: KeyMap): void {
  const latest = useRef(map);
  latest.current = map;
  useEffect(() => addKeys(() => latest.current), []);
}
