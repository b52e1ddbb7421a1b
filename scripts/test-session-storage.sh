#!/usr/bin/env bash
# Checks a running service with curl, the way a person would:
#   scripts/test-session-storage.sh                                 starts one of its own, and ends it
#   SESSION_SERVICE_URL=http://host:9000 [API_KEY=...] scripts/test-session-storage.sh
# Closing line: "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."

for tool in curl jq; do
  command -v "$tool" >/dev/null || { echo "test-session-storage: $tool is not installed"; exit 2; }
done

work=$(mktemp -d)
service_pid=
passed=0
failed=0
trap 'end_service; rm -rf "$work"' EXIT

start_service() {
  : >"$work/log"
  PORT=0 HOST=127.0.0.1 AUTH=off STORAGE_PATH="$work/volume" \
    node --enable-source-maps dist/session-storage.mjs >>"$work/log" 2>&1 &
  service_pid=$!
  until url=$(grep -F '"msg":"listening"' "$work/log" | jq -r .url 2>/dev/null) && [[ -n $url ]]; do
    kill -0 "$service_pid" 2>/dev/null || { echo "the service did not start:"; cat "$work/log"; exit 1; }
    sleep 0.1
  done
}

end_service() {
  [[ -n $service_pid ]] || return 0
  kill -"${1:-TERM}" "$service_pid" 2>/dev/null
  wait "$service_pid" 2>/dev/null
  service_pid=
}

call() { # call METHOD PATH [BODY] [curl arguments]: the body of the answer goes to $body, its status to $status
  local method=$1 path=$2 data=${3-}
  shift $(($# < 3 ? $# : 3))
  local arguments=(-sS --max-time 20 -X "$method" -o "$work/body" -w '%{http_code}')
  [[ -n ${API_KEY-} ]] && arguments+=(-H "authorization: Bearer $API_KEY")
  [[ -n $data ]] && arguments+=(--data-binary "$data")
  # curl would send a second content type beside one that is given.
  [[ -n $data && "$*" != *content-type:* ]] && arguments+=(-H 'content-type: application/json')
  status=$(curl "${arguments[@]}" "$@" "$url$path")
  body=$(<"$work/body")
}

check() { # check NAME CONDITION...: the condition is a command
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    echo "     ${status-} ${body:0:300}"
  fi
}

is() { [[ $status == "$1" ]] && { [[ $# == 1 ]] || jq -e "$2" >/dev/null 2>&1 <<<"$body"; }; }
refused() { is "$1" ".code == \"$2\" and .success == false and .status == $1 and (.error | length) > 0"; }

if [[ -n ${SESSION_SERVICE_URL-} ]]; then
  url=${SESSION_SERVICE_URL%/}
  curl -sS --max-time 10 -o "$work/body" "$url/livez" || { echo "nothing answers at $url"; exit 2; }
else
  [[ -e dist/session-storage.mjs ]] || npm run --silent build || exit 1
  start_service
fi
id="check-$$-$RANDOM"
echo "checking $url with session $id"

call GET /health
check "the service says that it is well" is 200 '.status == "ok" and .storage.condition == "ok"'
call GET /readyz
check "the service takes writes" is 200 '.status == "ready"'

call POST /api/sessions "{\"sessionId\":\"$id\",\"userId\":\"ada\",\"initial\":{\"task\":\"t\"}}"
check "a session is created" is 201 ".created and .sessionId == \"$id\""
call POST "/api/actions/$id" '{"type":"task_start","details":{"text":"Größe ✓"}}'
check "an action is appended at offset 2" is 200 '.offset == 2 and .seq == 1'
call POST /api/sessions "{\"sessionId\":\"$id\",\"userId\":\"ada\"}"
check "the same session again wipes nothing" is 200 '.created == false and .session.counts.actions == 1'
call POST /api/sessions "{\"sessionId\":\"$id\",\"userId\":\"bob\"}"
check "another user's session is refused" refused 409 session_exists

printf '{"type":"a","id":"b-1"}\n{"type":"b","id":"b-2"}\n' >"$work/batch"
call POST "/api/actions/$id" "@$work/batch" -H 'content-type: application/x-ndjson'
check "a batch of NDJSON is appended whole" is 200 '.accepted == 2 and .offset == 4'
call POST "/api/actions/$id" '{"type":"a","id":"b-1"}'
check "a repeated id is answered with the first offset" is 200 '.duplicate and .offset == 3'
call GET "/api/actions/$id?tail=2"
check "the last actions are read" is 200 'map(.type) == ["a","b"]'

concurrently() { # concurrently COUNT PATH BODY: the answers go to $work/many, one a line; %N in the body counts
  local headers=(-H 'content-type: application/json')
  [[ -n ${API_KEY-} ]] && headers+=(-H "authorization: Bearer $API_KEY")
  seq "$1" | xargs -P 16 -I%N curl -sS --max-time 20 -w '\n' "${headers[@]}" --data-binary "$3" "$url$2" >"$work/many"
}
concurrently 50 "/api/actions/$id" '{"type":"many","n":%N}'
offsets=$(jq -s -c 'map(.offset) | sort' "$work/many")
check "50 concurrent appends get 50 gap-free offsets" [ "$offsets" = "$(seq 5 54 | jq -s -c .)" ]
concurrently 20 "/api/state/$id/goals" '{"description":"goal %N"}'
call GET "/api/state/$id"
check "20 concurrent goals are 20 goals" is 200 '(.goals | length) == 20 and .version == 20'

call PATCH "/api/state/$id" '{"phase":"execution","list":[1,2]}' -H 'if-match: "20"'
check "the state is patched" is 200 '.version == 21 and .phase == "execution"'
call PATCH "/api/state/$id" '{"phase":"lost"}' -H 'if-match: "20"'
check "a patch of another version is refused" refused 412 version_mismatch
call POST "/api/state/$id/agents" '{"agentId":"child","type":"worker"}'
call POST "/api/state/$id/agents/child/complete" '{"result":"fine"}'
check "a spawned agent is completed" is 200 '.agent.status == "completed" and .agent.result == "fine"'
call POST "/api/actions/$id/responses" '{"content":"said"}'
call GET "/api/actions/$id/responses"
check "responses are read" is 200 'length == 1 and .[0].content == "said"'
call GET "/api/query/active?limit=1000"
check "the session is among the active ones" is 200 ".sessions | any(.sessionId == \"$id\")"
call GET /api/query/stats
check "the service counts" is 200 '.total >= 1 and .actions >= 53 and .goals >= 20'

call GET "/api/state/../../escape" '' --path-as-is
check "../../escape is refused as it is" [ "$status" = 400 -o "$status" = 404 ]
call GET "/api/state/..%2f..%2fescape"
check "../../escape is refused percent-encoded" refused 400 invalid_request
call POST /api/sessions '{"sessionId":"../../escape"}'
check "../../escape is refused as an id" refused 422 invalid_content
call POST "/api/actions/$id" '{"type":'
check "malformed JSON is a problem" refused 400 malformed_json
check "a problem shows no stack" [ -n "$body" -a -z "$(grep -E 'at .*[.][cm]?[jt]s|node_modules' <<<"$body")" ]
call GET "/api/state/$id-unknown"
check "an unknown session is a 404" refused 404 session_not_found
call GET /api/nothing
check "an unknown route is a 404" refused 404 not_found
call POST "/api/actions/$id" '{"type":"a"}' -H 'content-type: text/plain'
check "another content type is refused" refused 415 unsupported_media_type

stream() { # what the event stream of a path sends within two seconds
  local headers=(-H 'accept: text/event-stream')
  [[ -n ${API_KEY-} ]] && headers+=(-H "authorization: Bearer $API_KEY")
  curl -sN --max-time 2 "${headers[@]}" "$url$1"
}
events=$(stream "/api/sessions/$id/events?after=0" | grep -c '^data: .*"offset":')
call GET "/api/sessions/$id"
check "the event stream catches up with every offset" [ "$events" = "$(jq .metadata.offset <<<"$body")" ]
key=$(head -c 16 /dev/urandom | base64)
upgrade=(-H 'connection: upgrade' -H 'upgrade: websocket' -H 'sec-websocket-version: 13' -H "sec-websocket-key: $key")
[[ -n ${API_KEY-} ]] && upgrade+=(-H "authorization: Bearer $API_KEY")
frames=$(curl -sN --http1.1 --max-time 2 "${upgrade[@]}" "$url/ws?session=$id&after=70" | tr -cd '[:print:]\n')
check "the WebSocket greets and catches up" grep -q '"type":"connected".*' <<<"$frames"
check "the WebSocket says when it has caught up" grep -q '"type":"caught_up"' <<<"$frames"

if [[ -n $service_pid ]]; then
  end_service KILL
  printf '{"seq":99,"type":"torn' >>"$work/volume/sessions/$id/actions.jsonl"
  torn=$(find "$work/volume/journal" -name '*.log' | sort | tail -1)
  printf '{"torn":' >>"$torn"
  start_service
  call GET "/api/sessions/$id?tail=1000"
  check "nothing is lost by kill -9 and a torn tail" is 200 '(.actions | length) == 53 and (.state.goals | length) == 20'
  next=$(($(jq .metadata.offset <<<"$body") + 1))
  call POST "/api/actions/$id" '{"type":"after"}'
  check "the next append takes the next offset" is 200 ".offset == $next and .seq == 54"
  # Files follow the journal a moment later.
  for _ in $(seq 50); do
    lines=$(jq -s length "$work/volume/sessions/$id/actions.jsonl" 2>/dev/null)
    [[ $lines == 54 ]] && break
    sleep 0.1
  done
  check "the log on the volume is plain JSON lines" [ "$lines" = 54 ]
  check "nothing appeared outside the volume" [ -z "$(find "$work" -name '*escape*')" ]
fi

call POST "/api/sessions/$id/finalize" '{"status":"completed","outcome":"ok"}'
check "the session is finalized" is 200 '.final.status == "completed"'
call POST "/api/actions/$id" '{"type":"late"}'
check "a finalized session refuses appends" refused 409 session_finalized
call DELETE "/api/sessions/$id"
call GET "/api/sessions/$id"
check "a deleted session is gone" refused 404 session_not_found
call GET /openapi.json
check "the API describes itself" is 200 '.openapi | startswith("3.1")'

echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
