#!/usr/bin/env bash
# Records the real Claude Code CLI in containers: a run, a run in which the service is killed, and a run in which
# first the service and then the worker is killed. Nothing answered may be missing, nothing may be double.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/compose-project.sh claude -f docker-compose.yml -f docker-compose.test.yml
worker=$COMPOSE_PROJECT_NAME-worker
work=$(mktemp -d)
passed=0
failed=0

end() {
  local status=$?
  if [[ $status != 0 ]]; then
    "${compose[@]}" logs --no-color --tail 20 2>&1 || true
    docker exec "$worker" sh -c 'tail -n 20 ~/.local/state/agent-sessions/claude-code/relay.log' || true
  fi
  docker rm --force "$worker" >/dev/null 2>&1 || true
  "${compose[@]}" down --volumes --timeout 5 >/dev/null 2>&1 || echo "could not remove $COMPOSE_PROJECT_NAME"
  rm -rf "$work"
}
trap end EXIT

say() { printf '\n== %s\n' "$*"; }
count() { # count OUTPUT-OF-CHECKS
  echo "$1"
  passed=$((passed + $(grep -c '^ok ' <<<"$1" || true)))
  failed=$((failed + $(grep -c '^FAIL' <<<"$1" || true)))
}
check() {
  local name=$1
  shift
  if "$@"; then count "ok   $name"; else count "FAIL $name"; fi
}
history() { node scripts/claude-history.mjs "$@"; }
until_true() { # until_true SECONDS COMMAND…
  local deadline=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}
answers() { curl -fsS --max-time 2 -o /dev/null "$url/readyz"; }
authorized() { curl -fsS --max-time 10 -H "authorization: Bearer $key" "$@"; }
events() { authorized "$url/api/sessions/$1/events?limit=10000"; }
recorded() { (($(events "$1" | grep -o '"type":"tool_use"' | wc -l) >= $2)); }
finalized() { (($(events "$1" | grep -o '"type":"session_finalized"' | wc -l) >= $2)); }
service() { "${compose[@]}" up -d session-storage >/dev/null 2>&1 && until_true 40 answers; }
kill_service() { docker kill "$("${compose[@]}" ps -q session-storage)" >/dev/null; }
new_worker() { "${compose[@]}" run -d --name "$worker" "$@" >/dev/null 2>&1; }
new_id() { node -p 'crypto.randomUUID()'; }
claude=(claude -p --output-format stream-json --verbose --dangerously-skip-permissions)
in_worker() { docker exec "$worker" "${claude[@]}" "$@" </dev/null; }
script() { # script N [COMMAND]: N calls of a second's third each, and the one that is given
  node -p 'const bash = (command) => ({ tool: "Bash", input: { command } });
    const calls = Array.from({ length: process.argv[1] }, (_, id) => bash(`sleep 0.3; echo ${id}`));
    if (process.argv[2]) calls.push(bash(process.argv[2]));
    `Work. SCRIPT:${JSON.stringify([...calls, { text: "Done" }])}`' "$@"
}

say "images"
node scripts/build.mjs hook-agents
"${compose[@]}" build session-storage worker >"$work/build.log" 2>&1 || { tail -30 "$work/build.log"; exit 1; }
"${compose[@]}" up -d session-storage scripted-model >/dev/null 2>&1
until_true 40 answers
key=$("${compose[@]}" exec -T session-storage cat /var/session-keys/api-keys | tr -d '\r\n')
new_worker worker

say "a run: a mount and an environment variable record an unmodified image"
id=$(new_id)
in_worker --session-id "$id" 'Show it. SCRIPT:[{"tool":"Bash","input":{"command":"echo hello"}},{"tool":"Agent","input":{"description":"look","subagent_type":"general-purpose","prompt":"Look. SCRIPT:[{\"tool\":\"Bash\",\"input\":{\"command\":\"ls /\"}},{\"text\":\"found\"}]"}},[{"tool":"Bash","input":{"command":"echo a"}},{"tool":"Bash","input":{"command":"echo b"}}],{"text":"waiting"},{"text":"All done"}]' >"$work/first.jsonl"
check "it is finalized" until_true 20 finalized "$id" 1
events "$id" >"$work/first.json"
history timeline "$work/first.json"
check "its subagent is there" grep -q '"type":"agent_completed"' "$work/first.json"
check "its tokens are there" grep -q '"usage":{"inputTokens":[1-9]' "$work/first.json"
doctor() { docker exec "$worker" node /etc/claude-code/managed-settings.d/session-hook.mjs doctor | sed 's/^/     /'; }
check "doctor finds nothing wrong" doctor

say "the service is killed in the middle of a run"
id=$(new_id)
in_worker --session-id "$id" "$(script 12)" >"$work/second.jsonl" &
run=$!
until_true 30 recorded "$id" 3
events "$id" >"$work/before.json"
kill_service
wait "$run"
service
check "it is finalized once the service is back" until_true 60 finalized "$id" 1
events "$id" >"$work/second.json"
count "$(history prefix "$work/before.json" "$work/second.json")"
count "$(history compare "$work/second.json" "$work/second.jsonl")"

say "the service, then the worker is killed in the middle of a turn"
docker rm --force "$worker" >/dev/null
id=$(new_id)
# The other way in: the relay as the container's entry point, so that it outlives the CLI until all is sent.
entry=(--entrypoint node worker /etc/claude-code/managed-settings.d/session-hook.mjs run -- "${claude[@]}")
new_worker "${entry[@]}" --session-id "$id" "$(script 16 'tail -f /dev/null')"
until_true 30 recorded "$id" 3
events "$id" >"$work/before.json"
kill_service
# Some calls later, which are only in the spool, and in the middle of one.
in_long_call() { docker top "$worker" -eo pid,args | grep -qE '^[0-9 ]+tail -f /dev/null$'; }
until_true 60 in_long_call
docker kill "$worker" >/dev/null
docker logs "$worker" >"$work/third.jsonl" 2>/dev/null
docker rm "$worker" >/dev/null
service
new_worker "${entry[@]}" --resume "$id" 'Go on. SCRIPT:[{"tool":"Bash","input":{"command":"echo back"}},{"text":"Done"}]'
docker wait "$worker" >/dev/null
docker logs "$worker" >"$work/resumed.jsonl" 2>/dev/null
check "it is finalized after it was resumed" until_true 60 finalized "$id" 1
# The spool of the killed worker is taken over within seconds, by whichever relay is there.
check "the call that was running is there as interrupted" grep -q '"outcome":"interrupted"' <(events "$id")
events "$id" >"$work/third.json"
history timeline "$work/third.json" | grep -v state_updated | tail -15
count "$(history prefix "$work/before.json" "$work/third.json")"
count "$(history compare "$work/third.json" "$work/third.jsonl" "$work/resumed.jsonl")"

echo
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
