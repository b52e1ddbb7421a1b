# Sourced: a Compose project of the script's own, beside whatever runs already.
#   . scripts/compose-project.sh NAME [-f FILE]...
# shellcheck shell=bash disable=SC2034
if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
compose+=("${@:2}")
export COMPOSE_PROJECT_NAME=session-store-$1-$$
# A port that is free now; another test may run at the same time.
SESSION_STORE_PORT=$(node -e 'const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
  console.log(server.address().port); server.close(); })')
export SESSION_STORE_PORT
# Any free one.
export SESSION_STORE_DASHBOARD_PORT=0
url=http://localhost:$SESSION_STORE_PORT
