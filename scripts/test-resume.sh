#!/usr/bin/env bash
# Goes on with sessions of the real Claude Code CLI in other containers, which keep nothing of their own: after a
# kill in the middle of a turn, beside a writer that lives (refused; in a fork allowed), and past one that was
# frozen until its lease was over and then comes back.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/compose-project.sh resume -f docker-compose.yml -f docker-compose.test.yml
work=$(mktemp -d)
passed=0
failed=0
workers=()

end() {
  local status=$? each
  if [[ $status != 0 ]]; then
    "${compose[@]}" logs --no-color --tail 20 session-storage 2>&1 || true
    for each in "${workers[@]}"; do
      echo "-- $each"
      docker exec "$(container "$each")" sh -c 'tail -n 5 ~/.local/state/agent-sessions/claude-code/relay.log' 2>&1 || true
    done
  fi
  for each in "${workers[@]}"; do docker rm --force --volumes "$(container "$each")" >/dev/null 2>&1 || true; done
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
resumed() { node scripts/resume-history.mjs "$@"; }
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
transcript() { authorized "$url/v1/store/-home-node-project/sessions/$1/entries"; }
recorded() { (($(events "$1" | grep -o '"type":"tool_use"' | wc -l) >= $2)); }
said() { events "$1" | grep -q "$2"; }
new_id() { node -p 'crypto.randomUUID()'; }

container() { echo "$COMPOSE_PROJECT_NAME-$1"; }
# Milliseconds that others wait for a writer who says nothing.
lease_ms=6000
worker() { # worker NAME: an empty home, a hostname of its own
  workers+=("$1")
  docker run --detach --init --name "$(container "$1")" --hostname "$1" --network "${COMPOSE_PROJECT_NAME}_workers" \
    --volume "$PWD/hook-agents/claude-code/dist:/etc/claude-code/managed-settings.d:ro" \
    --volume "${COMPOSE_PROJECT_NAME}_session-keys:/var/session-keys:ro" \
    --env SESSION_SERVICE_URL=http://session-storage:9000 --env SESSION_TOKEN_FILE=/var/session-keys/api-keys \
    --env SESSION_LEASE_MS=$lease_ms \
    --env ANTHROPIC_BASE_URL=http://scripted-model:9200 --env ANTHROPIC_API_KEY=dummy \
    --env CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 --env DISABLE_AUTOUPDATER=1 \
    agent-session-store/claude-code-worker:test sleep infinity >/dev/null
  docker exec "$(container "$1")" mkdir -p /home/node/elsewhere
}
in_folder() { # in_folder NAME FOLDER COMMAND…
  docker exec --workdir "/home/node/$2" "$(container "$1")" "${@:3}" </dev/null
}
hook() { in_folder "$1" "$2" node /etc/claude-code/managed-settings.d/session-hook.mjs "${@:3}"; }
claude() { # claude NAME FOLDER ARGUMENTS…
  in_folder "$1" "$2" claude -p --output-format stream-json --verbose --dangerously-skip-permissions "${@:3}"
}
# The command that `restore` says, without its program.
command_of() { node -p 'JSON.parse(process.argv[1]).command.slice(1).join(" ")' "$1"; }
refused() { # refused NAME FOLDER SESSION
  local code=0
  hook "$1" "$2" restore "$3" 2>"$work/refusal" || code=$?
  sed 's/^/     /' "$work/refusal"
  [[ $code == 3 ]] && grep -q " writes session $3 now, until " "$work/refusal"
}
restores() { hook "$1" "$2" restore "$3" --json >"$work/restored.json"; }
# The last call that was answered before a kill may not have been recorded: its container keeps nothing.
but_last_answer() { tac "$1" | sed '0,/"tool_result"/{/"tool_result"/d}' | tac; }
script() { # script FIRST N: calls of a second's third each, from a number on
  node -p '`Work. SCRIPT:${JSON.stringify([...JSON.parse(process.argv[1]),
    ...Array.from({ length: process.argv[2] }, (_, id) => ({ tool: "Bash", input: { command: `sleep 0.3; echo ${id}` } })),
    { text: "Done" }])}`' "$1" "$2"
}
agent='{"tool":"Agent","input":{"description":"look","subagent_type":"general-purpose","run_in_background":false,"prompt":"Look. SCRIPT:[{\"tool\":\"Bash\",\"input\":{\"command\":\"ls /\"}},{\"text\":\"found\"}]"}}'
pair='[{"tool":"Bash","input":{"command":"echo a"}},{"tool":"Bash","input":{"command":"echo b"}}]'

say "images"
node scripts/build.mjs hook-agents
"${compose[@]}" build session-storage worker >"$work/build.log" 2>&1 || { tail -30 "$work/build.log"; exit 1; }
"${compose[@]}" up -d session-storage scripted-model >/dev/null 2>&1
until_true 40 answers
key=$("${compose[@]}" exec -T session-storage cat /var/session-keys/api-keys | tr -d '\r\n')
worker one
worker two
worker three

say "beside a writer that lives"
id=$(new_id)
claude one project --session-id "$id" "$(script "[$agent,$pair]" 200)" >"$work/one.jsonl" 2>/dev/null &
until_true 30 recorded "$id" 6
check "a second container is refused" refused two project "$id"
fork=$(hook two project restore "$id" --fork --json)
# shellcheck disable=SC2046 # several arguments
claude two project $(command_of "$fork") 'Go on. SCRIPT:[{"tool":"Bash","input":{"command":"echo fork"}},{"text":"Done"}]' >"$work/two.jsonl"
fork_id=$(node -p 'JSON.parse(process.argv[1]).sessionId' "$fork")
check "a fork of it goes on there" until_true 20 said "$fork_id" '"type":"lease_released"'
events "$fork_id" >"$work/fork.json"
transcript "$fork_id" >"$work/fork.transcript"
count "$(resumed fork "$work/fork.json" "$work/fork.transcript" "$id")"

say "killed in the middle of a turn, twice: in the same folder, then in another one"
events "$id" >"$work/before.json"
until_true 20 recorded "$id" 9
docker kill "$(container one)" >/dev/null
check "what it had is not given away at once" refused three project "$id"
check "it is restored once the lease is over" until_true 20 restores three project "$id"
docker cp "$(container one):/home/node/.claude/projects/-home-node-project/$id.jsonl" "$work/one.transcript" >/dev/null
transcript "$id" >"$work/at-kill.transcript"
count "$(resumed left "$work/one.transcript" "$work/at-kill.transcript")"
calls=$(($(events "$id" | grep -o '"type":"tool_use"' | wc -l) + 4))
claude three project --resume "$id" "$(script "[$agent]" 200)" >"$work/three.jsonl" 2>/dev/null &
until_true 30 recorded "$id" "$calls"
docker kill "$(container three)" >/dev/null
worker four
check "it is restored again" until_true 20 restores four elsewhere "$id"
# shellcheck disable=SC2046
claude four elsewhere $(command_of "$(<"$work/restored.json")") 'Go on. SCRIPT:[{"tool":"Bash","input":{"command":"echo back"}},{"text":"Done"}]' >"$work/four.jsonl"
check "it is finalized, and its lease let go" until_true 20 said "$id" '"type":"lease_released"'
events "$id" >"$work/after.json"
history timeline "$work/after.json" | grep -E 'session_|lease_|Agent|back' | cut -c 1-150
count "$(history prefix "$work/before.json" "$work/after.json")"
but_last_answer "$work/one.jsonl" >"$work/one.answers"
but_last_answer "$work/three.jsonl" >"$work/three.answers"
# Calls are recorded at their end: that of a subagent after those which it made.
count "$(history compare "$work/after.json" "$work/one.answers" "$work/three.answers" "$work/four.jsonl" | grep -v "calls are in order")"
transcript "$id" >"$work/after.transcript"
in_folder four . cat ".claude/projects/-home-node-elsewhere/$id.jsonl" >"$work/four.transcript"
"${compose[@]}" logs --no-color scripted-model >"$work/model.log"
count "$(resumed whole "$work/after.json" "$work/after.transcript" "$work/four.transcript" "$work/model.log" "$id" one three four)"

say "frozen until its lease is over, and back when another one has gone on"
id=$(new_id)
claude two project --session-id "$id" "$(script '[]' 200)" >"$work/frozen.jsonl" 2>/dev/null &
until_true 30 recorded "$id" 4
docker pause "$(container two)" >/dev/null
check "it is restored elsewhere" until_true 20 restores four project "$id"
claude four project --resume "$id" 'Go on. SCRIPT:[{"tool":"Bash","input":{"command":"echo heir"}},{"text":"Done"}]' >"$work/heir.jsonl"
check "its heir ends" until_true 20 said "$id" '"type":"lease_released"'
events "$id" >"$work/before.json"
docker unpause "$(container two)" >/dev/null
fenced() { ! hook two project doctor >"$work/doctor" && grep -q '^FAIL lease .* has gone on with it' "$work/doctor"; }
check "the frozen one learns that it was given up, and doctor says so" until_true 20 fenced
grep lease "$work/doctor" | sed 's/^/     /'
late() { in_folder two . grep -q '"tool_use"' ".local/state/agent-sessions/claude-code/sessions/$id/rejected.jsonl"; }
check "its late writes are set aside" until_true 20 late
events "$id" >"$work/after.json"
check "nothing of them is in the session" cmp "$work/before.json" "$work/after.json"

echo
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
