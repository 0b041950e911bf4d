-- SPDX-License-Identifier: Apache-2.0
-- wrk -s records.lua URL -- BATCH FORMAT INVALID
--
--   BATCH    records in a request; 1: the record alone, without an array
--   FORMAT   array, or lines
--   INVALID  so many of a hundred records do not fit the model
--
-- Ends with a line for bench_ingest: requests, seconds, p50 and p99 in microseconds, answers of 400 and above, errors of
-- sockets.

local kRequests = 50 -- different ones, sent again and again
local requests, last = {}, 0

local function record(number, valid)
  return string.format('{"order_id":"o-%d","customer":"customer number %d","product":"a thing with a name",' ..
    '"status":"confirmed","quantity":%s,"price":129.95,"gift":false,"placed_at":"2026-11-23T20:15:00.123456Z"}',
    1000000 + number, number % 977, valid and number % 90 + 10 or '"many"')
end

function init(args)
  local batch, format, invalid = tonumber(args[1]), args[2], tonumber(args[3])
  local lines = format == "lines"
  local headers = { ["Content-Type"] = lines and "application/x-ndjson" or "application/json" }
  for i = 0, kRequests - 1 do
    local records = {}
    for j = 0, batch - 1 do
      local number = i * batch + j
      records[#records + 1] = record(number, number * invalid % 100 >= invalid)
    end
    local body = table.concat(records, lines and "\n" or ",")
    if batch > 1 and not lines then body = "[" .. body .. "]" end
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %.6f %.0f %.0f %d %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99), errors.status, errors.connect + errors.read + errors.write +
    errors.timeout))
end
