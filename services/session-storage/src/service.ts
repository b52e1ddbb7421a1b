import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import type { Health } from "@sessions/contract";
import type { Logger } from "pino";
import { uuidv7 } from "uuidv7";

import { createAuthorizer } from "./access/authorize.ts";
import { openKeyFile, openTokenSecret } from "./access/secrets.ts";
import { createSessions } from "./domain/sessions.ts";
import { whileNobodyWaits } from "./files/calls.ts";
import { fileSize } from "./files/read.ts";
import { lockVolume } from "./files/volume-lock.ts";
import { makeDirectory } from "./files/write.ts";
import { createApp } from "./http/app.ts";
import { createExpressServer } from "./http/fast-express.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { createSockets } from "./http/sockets.ts";
import { openFileJournal } from "./journal/file/file-journal.ts";
import { createHub } from "./live/hub.ts";
import type { Config } from "./ops/config.ts";
import { drain } from "./ops/drain.ts";
import { createEventRate } from "./ops/event-rate.ts";
import { createMetrics } from "./ops/metrics.ts";
import { readCatalogFile } from "./views/catalog-file.ts";
import { createCatalog } from "./views/catalog.ts";
import { createCheckpoints } from "./views/checkpoints.ts";
import { openDamageReport } from "./views/damage.ts";
import { readFleet } from "./views/fleet.ts";
import { checkFormat } from "./views/format.ts";
import { createHistoryView } from "./views/history.ts";
import { createLayout } from "./views/layout.ts";
import { createLogReader } from "./views/log-reader.ts";
import { recover } from "./views/recovery.ts";
import { createSearch } from "./views/search.ts";
import { createSessionFiles } from "./views/session-files.ts";
import { createSessionLoader } from "./views/session-loader.ts";
import { openTrash } from "./views/trash.ts";

export interface Service {
  readonly url: string;
  /** Stops accepting, finishes what was begun, writes everything, lets go of the volume. */
  close(): Promise<void>;
}

/** Puts the rooms together: the only file that knows them all. */
export async function openService(config: Config, version: string, log: Logger): Promise<Service> {
  const startedAt = Date.now();
  let isDraining = false;
  const layout = createLayout(config.storagePath);
  await makeDirectory(layout.sessions);
  const lock = lockVolume(layout.lock);
  await checkFormat(layout.format);

  const snapshot = await readCatalogFile(layout.catalog);
  const journal = await openFileJournal({
    directory: layout.journal,
    quarantine: layout.quarantine,
    durability: config.durability,
    segmentBytes: config.journalSegmentBytes,
    retainBytes: config.journalRetainBytes,
    scanFrom: snapshot?.position ?? 0,
    ballastPath: layout.ballast,
    ballastBytes: config.ballastBytes,
    log,
  });
  const damage = await openDamageReport(layout, log);
  const reader = createLogReader(layout, damage);
  const loader = createSessionLoader(layout, reader, damage);
  const files = createSessionFiles({ layout, log });
  const catalog = createCatalog();
  await whileNobodyWaits(() =>
    recover({ layout, journal, catalog, files, loader, reader, snapshot, log }),
  );

  const checkpoints = createCheckpoints({
    layout,
    journal,
    catalog,
    files,
    log,
    position: snapshot?.position ?? 0,
    intervalMs: config.checkpointIntervalMs,
  });
  const history = createHistoryView({ layout, files, reader, catalog, damage });
  const hub = createHub({
    journal,
    catalog,
    history,
    failed: (err) => log.error({ err }, "a live feed failed"),
  });
  const trash = openTrash(layout, config.trashGraceMs, log);
  const metrics = createMetrics(health);
  const eventRate = createEventRate(Date.now);
  const sessions = createSessions({
    journal,
    source: {
      has: catalog.has,
      caseTwinOf: catalog.caseTwinOf,
      async load(sessionId) {
        await files.flush(sessionId);
        return loader.load(sessionId);
      },
      async loadIds(sessionId) {
        await files.flush(sessionId);
        return loader.loadIds(sessionId);
      },
      async loadDeleted(sessionId) {
        await files.flush(sessionId);
        const found = await trash.find(sessionId);
        if (found === undefined) return undefined;
        const { deletedAt, name } = found;
        const inTrash = { ...layout, session: () => layout.deletedSession(name) };
        const deleted = createLogReader(inTrash, damage);
        const session = await createSessionLoader(inTrash, deleted, damage).load(sessionId);
        return { session, deletedAt, created: await deleted.createdAt(sessionId) };
      },
    },
    // The catalog before the hub: a feed compares its cursor with the catalog's.
    projections: [files, catalog, metrics, eventRate, checkpoints, hub],
    now: () => new Date().toISOString(),
    newId: uuidv7,
    room: files.room,
  });

  const fileKeys = config.apiKeysFile === undefined ? [] : await openKeyFile(config.apiKeysFile);
  const authorizer = createAuthorizer({
    isAuthOn: config.isAuthOn,
    apiKeys: [...config.apiKeys, ...fileKeys],
    allowedHosts: config.allowedHosts,
    allowedOrigins: config.allowedOrigins,
    tokenSecret: await openTokenSecret(layout.tokenSecret),
    createdAt: (sessionId) => catalog.get(sessionId)?.metadata.createdAt,
  });
  const app = createApp({
    authorizer,
    sessions,
    catalog,
    history,
    search: createSearch(catalog, history),
    hub,
    health,
    fleet: () => readFleet(catalog, layout, eventRate.perSecond(), Date.now()),
    metrics: metrics.text,
    takeRate: createRateLimit(config.recordsPerSecond),
    maxRecordBytes: config.maxRecordBytes,
    newId: uuidv7,
    version,
    dashboardPath: await findDashboard(config.dashboardPath, log),
    allowedOrigins: config.allowedOrigins,
    log,
  });
  const server = createExpressServer(app);
  server.maxConnections = config.maxConnections;
  server.on("request", (req, res) => {
    res.on("finish", () => metrics.countRequest(req.method ?? "", res.statusCode));
    // A busy client would otherwise begin its next request on the same connection.
    if (isDraining) res.shouldKeepAlive = false;
  });
  const sockets = createSockets(server, {
    hub,
    authorizer,
    newId: uuidv7,
    version,
    log,
  });
  function health(): Health {
    const { condition, position, lost } = journal.status();
    const isWell = condition === "ok" && damage.lineCount() + lost.length === 0;
    return {
      status: isDraining ? "draining" : isWell ? "ok" : "degraded",
      version,
      uptime: (Date.now() - startedAt) / 1_000,
      timestamp: new Date().toISOString(),
      storage: {
        condition,
        durability: config.durability,
        sessions: catalog.size,
        position,
        checkpoint: checkpoints.position(),
        lostPositions: lost,
        damagedLines: damage.lineCount(),
        damagedSessions: damage.sessions(),
      },
      websocket: { connections: sockets.connections(), subscriptions: hub.subscriptions() },
    };
  }

  await listen(server, config);

  return {
    url: urlOf(server, config.host),
    async close() {
      isDraining = true;
      trash.close();
      await drain({ server, hub, sockets, timeoutMs: config.shutdownTimeoutMs, log });
      await journal.close();
      await checkpoints.close();
      await files.close();
      lock.release();
    },
  };
}

/** @returns the folder when there is a page in it */
async function findDashboard(folder: string, log: Logger): Promise<string | undefined> {
  if ((await fileSize(join(folder, "index.html"))) > 0) return folder;
  log.warn({ folder }, "there is no dashboard to serve: build it or set DASHBOARD_PATH");
  return undefined;
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
