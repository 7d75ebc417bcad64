import { createHash } from 'node:crypto';

/** A script, and the name by which Redis knows one that it has seen. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export const scriptOf = (source: string): Script => ({
  source,
  sha: createHash('sha1').update(source).digest('hex'),
});

/**
 * Which epoch it is. A server is known by the id of its history, which changes with each start and each failover. One that
 * was known under another id may have lost what it had confirmed last: a new epoch begins.
 *
 * ARGV: the epoch that the caller knows, a token, 1 where Redis loses nothing; then the servers: name, history (`?`: not known), the
 * history before.
 */
export const EPOCH = scriptOf(`
local stored = redis.call('HGETALL', KEYS[1])
local known, histories = {}, {}
for i = 1, #stored, 2 do
  known[stored[i]] = stored[i + 1]
  if string.sub(stored[i], 1, 2) == 's:' then histories[stored[i + 1]] = true end
end
local epoch, isLost = tonumber(known.epoch or '0'), false
-- The store is empty, and it was not.
if not known.epoch and tonumber(ARGV[1]) >= 0 then epoch, isLost = tonumber(ARGV[1]), true end
for i = 4, #ARGV, 3 do
  local name, history, before = 's:' .. ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if history ~= '?' and known[name] ~= history and (known[name] or histories[before]) then isLost = true end
end
for name, _ in pairs(known) do
  if string.sub(name, 1, 2) == 's:' then
    local isThere = false
    for i = 4, #ARGV, 3 do isThere = isThere or 's:' .. ARGV[i] == name end
    if not isThere then
      isLost = true
      redis.call('HDEL', KEYS[1], name)
    end
  end
end
if ARGV[3] == '1' and known.epoch then isLost = false end
if isLost then
  epoch = epoch + 1
  known.token = ARGV[2]
end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'token', known.token or ARGV[2])
for i = 4, #ARGV, 3 do
  if ARGV[i + 1] ~= '?' then redis.call('HSET', KEYS[1], 's:' .. ARGV[i], ARGV[i + 1]) end
end
return { epoch, known.token or ARGV[2] }
`);

/** The age clock of all processes: where any of them has been. ARGV: age and wall clock, in ms. */
export const CLOCK = scriptOf(`
local stored = redis.call('HMGET', KEYS[1], 'age', 'wall')
local age = math.max(tonumber(stored[1] or '-1'), tonumber(ARGV[1]))
local wall = math.max(tonumber(stored[2] or '-1'), tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'age', string.format('%.0f', age), 'wall', string.format('%.0f', wall))
return { string.format('%.0f', age), string.format('%.0f', wall) }
`);

/** A node has so many sockets of a user. KEYS: places of the user. ARGV: the node, how many, a name that it had before. */
export const PLACE = scriptOf(`
local count, elsewhere = tonumber(ARGV[2]), 0
if ARGV[3] ~= '' then redis.call('HDEL', KEYS[1], ARGV[3]) end
if count > 0 then redis.call('HSET', KEYS[1], ARGV[1], count) else redis.call('HDEL', KEYS[1], ARGV[1]) end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i] ~= ARGV[1] then elsewhere = elsewhere + tonumber(all[i + 1]) end
end
return elsewhere
`);

/** Takes the place of a dead node away. Returns 1 where it was the last. KEYS: places of the user. ARGV: the node. */
export const DISPLACE = scriptOf(`
if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 and redis.call('EXISTS', KEYS[1]) == 0 then return 1 end
return 0
`);

/**
 * A node says that it lives. KEYS: nodes, dead nodes. ARGV: the node, its lease, how long it has for the places of one that
 * is dead, in ms. Returns whether it was not known, how many others there are, and the dead nodes that it is to clear away.
 */
export const RENEW = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isNew = redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], node)
  redis.call('ZADD', KEYS[2], now, node)
end
local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)
for _, node in ipairs(dead) do redis.call('ZADD', KEYS[2], now + ARGV[3], node) end
return { isNew, redis.call('ZCARD', KEYS[1]) - 1, dead }
`);
