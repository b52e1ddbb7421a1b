#!/usr/bin/env bash
# Installs, builds and starts the service on this machine. Needs Node >= 20.19 and npm; no Docker.
# PORT and STORAGE_PATH choose another port or folder. Ctrl-C drains and ends it.
#   --demo    three scripted workers move in the page, for ten minutes at most
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
die() { say "start-local: $*"; exit 1; }

demo=false
case ${1:-} in
  --demo) demo=true ;;
  "") ;;
  *) die "unknown argument $1; the only one is --demo" ;;
esac

command -v node >/dev/null || die "Node is not installed; it needs 20.19 or newer (https://nodejs.org)"
command -v npm >/dev/null || die "npm is not installed; it comes with Node"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
         process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' ||
  die "Node $(node --version) is too old; it needs 20.19 or newer"

export PORT=${PORT:-9000} HOST=127.0.0.1 AUTH=off
export STORAGE_PATH=${STORAGE_PATH:-$PWD/.data}
url="http://localhost:$PORT"

port_is_free() {
  node -e 'require("node:net").createServer().once("error", () => process.exit(1))
           .listen(Number(process.env.PORT), process.env.HOST, () => process.exit(0))'
}
port_is_free || die "port $PORT is taken; end what listens there, or choose another: PORT=9001 $0"

if [[ ! -e node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  say "installing dependencies"
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
say "building"
node scripts/build.mjs service >&2

# The service takes the place of this process, so that Ctrl-C reaches it; this one waits for it to answer.
service=$$
{
  until node -e 'require("node:http").get(process.argv[1], (answer) => process.exit(answer.statusCode === 200 ? 0 : 1))
                 .on("error", () => process.exit(1))' "$url/readyz"; do
    kill -0 "$service" 2>/dev/null || exit 0
    sleep 0.2
  done
  say "
The session store is at $url (open it in a browser), its data in $STORAGE_PATH. Ctrl-C ends it.

  curl -X POST $url/api/sessions -H 'content-type: application/json' -d '{\"sessionId\":\"first\"}'
  curl -X POST $url/api/actions/first -H 'content-type: application/json' -d '{\"type\":\"task_start\"}'
  curl -N -H 'accept: text/event-stream' '$url/api/sessions/first/events?after=0'
"
  if $demo; then
    say "Three demo workers are at work; \"Delete test sessions\" on the page's Connect ends them and removes what they leave."
    exec node --import tsx scripts/demo.ts "$url" >&2
  fi
} &
exec node --enable-source-maps dist/session-storage.mjs
