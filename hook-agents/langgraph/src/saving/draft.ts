import type {
  ChannelVersions,
  Checkpoint,
  CheckpointMetadata,
  SerializerProtocol,
} from "@langchain/langgraph-checkpoint";

import { blobEntries } from "./blob-entries.ts";
import type { CheckpointEntry, Entry, Write, WritesEntry } from "./entry.ts";
import type { Namespace } from "./fold.ts";
import { type StoredValue, dump } from "./value.ts";

/** A checkpoint that is serialised and not yet written. */
export interface Draft {
  readonly entry: CheckpointEntry;
  readonly values: readonly (readonly [channel: string, value: StoredValue])[];
}

export interface DraftOptions {
  readonly namespace: string;
  readonly parent: string | undefined;
  readonly checkpoint: Checkpoint;
  readonly metadata: CheckpointMetadata;
}

export function createDrafts(
  serde: SerializerProtocol,
  { namespace, parent, checkpoint, metadata }: DraftOptions,
): { of(versions: ChannelVersions): Promise<Draft> } {
  const { channel_values, channel_versions, ...rest } = checkpoint;
  return {
    /** @param versions of the channels whose values are kept with this checkpoint */
    async of(versions) {
      const changed = Object.keys(versions);
      const withValue = changed.filter((name) => Object.hasOwn(channel_values, name));
      const deltas = Object.keys(metadata.counters_since_delta_snapshot ?? {});
      const [savedCheckpoint, savedMetadata, ...values] = await Promise.all([
        dump(serde, rest),
        dump(serde, metadata),
        ...withValue.map(async (name) => [name, await dump(serde, channel_values[name])] as const),
      ]);
      return {
        values,
        entry: {
          type: "checkpoint",
          namespace,
          id: checkpoint.id,
          ...(parent !== undefined && { parent }),
          v: checkpoint.v,
          versions: channel_versions,
          changed,
          ...(deltas.length > 0 && { deltas }),
          checkpoint: savedCheckpoint,
          metadata: savedMetadata,
        },
      };
    },
  };
}

/** The values come first: a checkpoint is never without them. */
export function* entriesOf(
  { entry, values }: Draft,
  known: Namespace | undefined,
): Generator<Entry> {
  const { namespace, id, parent, versions } = entry;
  const writers = known?.writersOf(parent, versions);
  for (const [channel, value] of values) {
    const writer = writers?.get(channel);
    const before = writer === undefined ? undefined : known?.channel(channel).read(writer);
    const base =
      writer === undefined || before === undefined
        ? undefined
        : { checkpoint: writer, value: before };
    const version = versions[channel] ?? 0;
    yield* blobEntries({ namespace, checkpoint: id, channel, version }, value, base);
  }
  yield entry;
}

/** UTF-16 units of the values in one entry; a single larger one still has room. */
const writesUnits = 1_048_576;

export function* writesEntries(
  place: Omit<WritesEntry, "type" | "writes" | "kept">,
  writes: readonly Write[],
): Generator<WritesEntry> {
  let some: Write[] = [];
  let units = 0;
  for (const write of writes) {
    if (some.length > 0 && units + write.value.text.length > writesUnits) {
      yield { type: "writes", ...place, writes: some };
      some = [];
      units = 0;
    }
    some.push(write);
    units += write.value.text.length;
  }
  if (some.length > 0) yield { type: "writes", ...place, writes: some };
}
