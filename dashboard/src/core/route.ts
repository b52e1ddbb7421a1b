import { computed, signal } from "@preact/signals";

export const sessionTabs = [
  "feed",
  "timeline",
  "agents",
  "goals",
  "state",
  "transcript",
  "raw",
] as const;
export type SessionTab = (typeof sessionTabs)[number];

export type Place =
  | { readonly page: "fleet" | "feed" | "connect" | "system" | "unknown" }
  | { readonly page: "session"; readonly sessionId: string; readonly tab: SessionTab };

export interface View {
  readonly place: Place;
  readonly params: ReadonlyMap<string, string>;
}

/** @param hash as the address bar has it: `#/s/first/feed?kind=tool` */
export function parseHash(hash: string): View {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const params = new Map(new URLSearchParams(query));
  return { place: parsePath(path), params };
}

function parsePath(path: string): Place {
  const [page = "", id = "", tab = "feed", ...more] = path.replace(/^\//, "").split("/");
  if (page === "" || (page === "fleet" && id === "")) return { page: "fleet" };
  if ((page === "feed" || page === "connect" || page === "system") && id === "") return { page };
  const known = sessionTabs.find((name) => name === tab);
  const sessionId = decode(id);
  if (page === "s" && sessionId !== "" && known !== undefined && more.length === 0)
    return { page: "session", sessionId, tab: known };
  return { page: "unknown" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody mistyped an escape: there is no such session.
    return "";
  }
}

export function formatHash(place: Place, params: ReadonlyMap<string, string> = new Map()): string {
  const path =
    place.page === "session"
      ? `s/${encodeURIComponent(place.sessionId)}/${place.tab}`
      : place.page === "unknown"
        ? "fleet"
        : place.page;
  const given = [...params].filter(([, value]) => value !== "");
  const query = new URLSearchParams(given).toString();
  return `#/${path}${query === "" ? "" : `?${query}`}`;
}

export const sessionHash = (sessionId: string, tab: SessionTab = "feed"): string =>
  formatHash({ page: "session", sessionId, tab });

/** The fleet narrowed to some of its sessions. */
export const fleetHash = (params: Readonly<Record<string, string>>): string =>
  formatHash({ page: "fleet" }, new Map(Object.entries(params)));

export const view = signal<View>(parseHash(globalThis.location?.hash ?? ""));
export const place = computed(() => view.value.place);

export function param(name: string): string {
  return view.value.params.get(name) ?? "";
}

/** Changes what the URL says of the view; without a new entry in the history, as typing does it often. */
export function setParams(changes: Readonly<Record<string, string>>): void {
  const params = new Map(view.value.params);
  for (const [name, value] of Object.entries(changes)) params.set(name, value);
  history.replaceState(null, "", formatHash(view.value.place, params));
  view.value = parseHash(location.hash);
}

export function goTo(hash: string): void {
  location.hash = hash;
}

/** Follows the address bar. @returns what ends it */
export function followHash(): () => void {
  const follow = () => (view.value = parseHash(location.hash));
  addEventListener("hashchange", follow);
  return () => removeEventListener("hashchange", follow);
}
