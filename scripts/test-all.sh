#!/usr/bin/env bash
# Everything that is tested, in one go, on a machine with Node >= 20.19: installs what is missing, checks, builds,
# and runs the container tests when a Docker engine answers. Ends with a summary; fails when anything failed.
set -uo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

summary=()
failed=0
started=$SECONDS

say() { printf '\n== %s\n' "$*"; }

step() { # step NAME COMMAND...
  local name=$1 begin=$SECONDS
  shift
  say "$name"
  if "$@"; then
    summary+=("passed   $name ($((SECONDS - begin)) s)")
  else
    summary+=("FAILED   $name ($((SECONDS - begin)) s)")
    failed=$((failed + 1))
    return 1
  fi
}

skip() { # skip NAME REASON
  say "$1: skipped, $2"
  summary+=("skipped  $1: $2")
}

finish() {
  say "summary after $((SECONDS - started)) s"
  printf '%s\n' "${summary[@]}"
  exit $((failed > 0))
}

install_tools() {
  local missing=()
  local tool
  for tool in strace:strace curl:curl jq:jq wrk:wrk python3:python3 flock:util-linux chromium:chromium; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
  done
  ((${#missing[@]} == 0)) && return 0
  if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
    echo "not installed, and this is not a Debian root: ${missing[*]}"
    return 0
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

step "install tools" install_tools
step "npm ci" npm ci --no-audit --no-fund --loglevel=error || finish

docker_answers=false
if docker info >/dev/null 2>&1; then
  docker_answers=true
  # Its reaper is an image of its own, which can't be had everywhere.
  export TESTCONTAINERS_RYUK_DISABLED=true
fi

step "npm run check" npm run --silent check
step "npm run build" npm run --silent build || finish
if command -v curl >/dev/null && command -v jq >/dev/null; then
  step "test-session-storage.sh" scripts/test-session-storage.sh
else
  skip "test-session-storage.sh" "curl or jq is not installed"
fi
python=${PYTHON:-python3}
if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
  step "test-python.sh" scripts/test-python.sh
else
  skip "test-python.sh" "$python is not there or older than 3.9"
fi
step "crash.ts" npx tsx scripts/crash.ts --kills "${CRASH_KILLS:-50}"

container_tests=(scripts/test-compose.sh scripts/test-claude.sh scripts/test-resume.sh scripts/test-e2e.sh)
for script in "${container_tests[@]}"; do
  if [[ ! -x $script ]]; then
    skip "$(basename "$script")" "it is not there"
  elif ! $docker_answers; then
    skip "$(basename "$script")" "no Docker engine answers"
  else
    step "$(basename "$script")" "$script"
  fi
done
finish
