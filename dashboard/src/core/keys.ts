/** By `KeyboardEvent.key`; two keys one after the other are written `g f`. */
export type KeyMap = Readonly<Record<string, () => void>>;

/** The second key of a sequence must come within this time. */
const sequenceMs = 1_500;

/** As they are at the moment of a key stroke. */
type KeySource = () => KeyMap;

const sources = new Set<KeySource>();
let before: { key: string; at: number } | undefined;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  if (isTyping(event.target)) {
    if (key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
    return;
  }
  // A control that has the focus keeps its own keys.
  if (key === "Enter" && event.target instanceof HTMLElement && event.target.closest("a,button"))
    return;
  const sequence =
    before !== undefined && Date.now() - before.at < sequenceMs ? `${before.key} ${key}` : key;
  before = undefined;
  // What came last is the nearest to the reader: a panel before its page.
  const maps = [...sources].map((source) => source()).reverse();
  const actOf = (keys: string) => maps.find((map) => map[keys] !== undefined)?.[keys];
  const act = actOf(sequence) ?? actOf(key);
  if (act !== undefined) {
    event.preventDefault();
    act();
    return;
  }
  if (maps.some((map) => Object.keys(map).some((name) => name.startsWith(`${key} `))))
    before = { key, at: Date.now() };
}

/** @returns what takes the keys away again */
export function addKeys(source: KeySource): () => void {
  if (sources.size === 0) addEventListener("keydown", onKeyDown);
  sources.add(source);
  return () => {
    sources.delete(source);
    if (sources.size === 0) removeEventListener("keydown", onKeyDown);
  };
}
