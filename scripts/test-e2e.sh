#!/usr/bin/env bash
# Runs the examples of test-containers/, each in its container, against the service of docker-compose.yml, and checks
# every session that they recorded: by the API, and by the files on the volume. Last line: `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/compose-project.sh e2e -f docker-compose.yml -f docker-compose.test.yml
TIMESTAMP=${TIMESTAMP:-$(date +%Y%m%d-%H%M%S)}
export TIMESTAMP
examples=(customer-comm email-solver claude-code)
limit=180
work=$(mktemp -d)
passed=0
failed=0

end() {
  local status=$?
  [[ $status == 0 ]] || "${compose[@]}" logs --no-color --tail 30 2>&1 | cut -c 1-400 || true
  "${compose[@]}" down --volumes --timeout 5 >/dev/null 2>&1 || echo "could not remove $COMPOSE_PROJECT_NAME"
  rm -rf "$work"
}
trap end EXIT

say() { printf '\n== %s\n' "$*"; }
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
quietly() { "$@" >"$work/log" 2>&1 || { tail -40 "$work/log"; return 1; }; }
id_of() { "${compose[@]}" ps -q "$1"; }
ends_well() { [[ $(timeout "$limit" docker wait "$(id_of "$1")") == 0 ]]; }

say "images"
check "the files parse" "${compose[@]}" config -q
quietly node scripts/build.mjs hook-agents
quietly "${compose[@]}" build session-storage "${examples[@]}"

say "sessions test-*-$TIMESTAMP"
# They are started once the service is healthy.
quietly "${compose[@]}" up -d "${examples[@]}"
for example in "${examples[@]}"; do
  check "$example ends by itself, with everything sent" ends_well "$example"
done

say "what is recorded"
API_KEY=$("${compose[@]}" exec -T session-storage cat /var/session-keys/api-keys | tr -d '\r\n')
export API_KEY
npx tsx test-containers/validation/src/main.ts --base-url "$url" \
  --container "$(id_of session-storage)" --timestamp "$TIMESTAMP" | tee "$work/report" || true
read -r more _ wrong _ < <(tail -1 "$work/report" | grep -E '^[0-9]+ passed, [0-9]+ failed$' || echo "0 passed, 1 failed")

echo
echo "$((passed + more)) passed, $((failed + wrong)) failed"
[[ $((failed + wrong)) == 0 ]]
