-- One 300-byte action a request, each to the next of 64 sessions.
local requests = {}
local at = 0
local body = '{"type":"tool_use","details":{"tool":"Bash","input":"' .. string.rep("x", 244) .. '"}}'

function init()
  for session = 0, 63 do
    requests[session] = wrk.format("POST", "/api/actions/bench-" .. session, { ["content-type"] = "application/json" }, body)
  end
end

function request()
  at = (at + 1) % 64
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"durationUs":%d,"errors":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, errors, latency:percentile(50), latency:percentile(99)))
end
