-- wrk -s check.lua URL -- KEY RUN NUMBERS: POST /v1/check/call, a fresh id each time, numbers in turn.
-- Ends with one line that begins with "figures ".

local numbers, head, count = {}, "", 0

function init(args)
  local key, run, file = args[1], args[2], args[3]
  for line in io.lines(file) do numbers[#numbers + 1] = line end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. key
  head = '{"id":"' .. run .. "-"
end

function request()
  count = count + 1
  local place = (count - 1) % #numbers + 1
  return wrk.format(nil, nil, nil, head .. count .. '","prisoner":"X1234BC","establishment":"LEI","to":"' .. numbers[place] .. '"}')
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
