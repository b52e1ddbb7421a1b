/** Every limit on the wire, once. Sizes are bytes of the JSON text as sent. */
export const limits = {
  recordBytes: 1_048_576,
  batchBytes: 4_194_304,
  batchRecords: 10_000,
  /** The state document of one session. */
  stateBytes: 4_194_304,
  /** One entry of a transcript: it may hold a picture or a document. */
  entryBytes: 16_777_216,
  /** A body of entries; of commands too, as far as they are entries. */
  entryBatchBytes: 33_554_432,
  depth: 64,
  keys: 10_000,
  entryDepth: 1_000,
  entryKeys: 1_000_000,
  goals: 10_000,
  agents: 10_000,
  /** Length of a free text field such as a name, in UTF-16 code units. */
  nameLength: 512,
  typeLength: 200,
  labels: 64,
  labelLength: 256,
  tags: 64,
  /** Transcripts of one session, subagents included. */
  transcripts: 10_000,
  summaryBytes: 65_536,
  leaseMinMs: 1_000,
  leaseMaxMs: 3_600_000,
  listPage: 1_000,
  logPage: 10_000,
  /** Records of each log in `GET /api/sessions/:id` and in a log without `tail`, `after` or `limit`. */
  defaultTail: 100,
  /** Ids of a session that are remembered, at least, to recognise a repeated record. */
  duplicateWindow: 100_000,
  /** Unsent bytes of a live subscriber before it is closed as a slow consumer. */
  slowConsumerBytes: 1_048_576,
  /** Sessions that one WebSocket may name. */
  subscriptions: 1_000,
  clientFrameBytes: 65_536,
  /** The data of an event that was asked for as a preview. */
  previewBytes: 16_384,
  /** The same of an entry of a transcript: there are many, and few are looked at. */
  entryPreviewBytes: 2_048,
} as const;
