-- Takes some units of every bucket, or nothing of any: the generic cell rate algorithm of quota.rs.
-- KEYS: the buckets. ARGV: for each, the microseconds in which the units come back, and those in which all do.
-- Answers the time and each bucket's arrival time before, in microseconds since 1970.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local answer, spent, fits = { now }, {}, true
for i = 1, #KEYS do
  local worth, full = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local arrival = math.min(math.max(tonumber(kept[i] or now), now), now + full)
  answer[i + 1] = arrival
  spent[i] = arrival + worth
  fits = fits and spent[i] - now <= full
end
if fits then
  for i = 1, #KEYS do
    redis.call('SET', KEYS[i], string.format('%.0f', spent[i]), 'PX', math.ceil((spent[i] - now) / 1000))
  end
end
return answer
