#!/usr/bin/env bash
# Builds the image, brings up docker-compose.yml beside whatever runs already, and checks the service in it:
# the conformance suite from outside, a restart, and that its root file system can't be written.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/compose-project.sh test
passed=0
failed=0

end() {
  local status=$?
  [[ $status == 0 ]] || "${compose[@]}" logs --no-color 2>&1 | tail -40
  "${compose[@]}" down --volumes --timeout 10 >/dev/null 2>&1 || echo "could not remove $COMPOSE_PROJECT_NAME"
}
trap end EXIT

check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
  fi
}
inside() { "${compose[@]}" exec -T session-storage "$@"; }
answers() { curl -fsS --max-time 2 --retry 40 --retry-delay 1 --retry-all-errors -o /dev/null "$url/readyz" 2>/dev/null; }
healthy() {
  for _ in $(seq 60); do
    [[ $(docker inspect --format '{{.State.Health.Status}}' "$("${compose[@]}" ps -q session-storage)") == healthy ]] && return
    sleep 1
  done
  return 1
}
status() { curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$@"; }
authorized() { curl -fsS --max-time 10 -H "authorization: Bearer $key" "$@"; }
pages() {
  local ports port
  ports=$(docker port "$("${compose[@]}" ps -q session-storage)" 9000 | cut -d: -f2 | sort -u)
  [[ $(wc -w <<<"$ports") == 2 ]] || return
  for port in $ports; do
    curl -fsS --max-time 10 "http://localhost:$port/" | grep -q '<script type=.module' || return
  done
}

check "the file parses" "${compose[@]}" config -q
"${compose[@]}" up -d --build >/dev/null 2>"/tmp/$COMPOSE_PROJECT_NAME.log" || { cat "/tmp/$COMPOSE_PROJECT_NAME.log"; exit 1; }
rm -f "/tmp/$COMPOSE_PROJECT_NAME.log"
check "the service comes up" answers
key=$(inside cat /var/session-keys/api-keys | tr -d '\r\n')
check "a key was made" [ ${#key} -ge 32 ]
check "nothing is answered without it" [ "$(status "$url/api/sessions")" = 401 ]
check "it runs as another user than root" [ "$(inside id -u | tr -d '\r')" = 1000 ]
check "its root file system can't be written" bash -c '! "$@" 2>/dev/null' - "${compose[@]}" exec -T session-storage touch /app/x /etc/x
check "the service conforms to the contract" npm run --silent conformance -- --base-url "$url" --api-key "$key"
check "it serves the page, also at the port where a dashboard is looked for" pages
check "its health check passes" healthy

authorized -o /dev/null -H 'content-type: application/json' -d '{"sessionId":"kept"}' "$url/api/sessions"
authorized -o /dev/null -H 'content-type: application/json' -d '{"type":"before"}' "$url/api/actions/kept"
docker kill "$("${compose[@]}" ps -q session-storage)" >/dev/null
"${compose[@]}" up -d >/dev/null 2>&1
check "it comes back after docker kill" answers
check "what was acknowledged is still there" grep -q '"type":"before"' <(authorized "$url/api/actions/kept")
check "the key is still the same" [ "$(inside cat /var/session-keys/api-keys | tr -d '\r\n')" = "$key" ]

echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
