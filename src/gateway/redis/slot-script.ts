import { KEPT_CLIENTS_COUNT, KEPT_DECISIONS_COUNT, MARK_AGE_MS } from '../engine/retention.ts';

/**
 * Does the calls of one user, one after the other. Redis runs a script alone, and hands its effects to replicas and to the disk as one.
 *
 * KEYS: slot, entries, untold, recent, and the decisions of those clients that a call is about.
 * ARGV: history of the server, epoch, its token, maxCount, maxAgeMs, 1 where replicas are waited for; then the calls, each as its
 * name, how many arguments it has, and those. What comes from outside is an argument or the name of a field, never a part of the script.
 *
 * A call is checked before it writes, and writes first what could fail: for a type that is not the engine's, or for want of memory, which
 * Redis looks at before the first write alone. So it takes effect as a whole.
 */
const STATE = `
local S, E, U, R = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
-- A plain search: a pattern takes ten times as long.
if not string.find(redis.call('INFO', 'replication'), 'master_replid:' .. ARGV[1] .. '\\r', 1, true) then
  return redis.error_reply('STALE another history')
end
local epoch, maxCount, maxAge = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function text(n) return string.format('%.0f', n) end

local head = redis.call('HMGET', S, 'count', 'last', 'epoch', 'at', 'trimmed')
local count, at, trimmed = tonumber(head[1] or '0'), tonumber(head[4] or '0'), tonumber(head[5] or '0')
local isNew = not head[1]
-- The entries are of an earlier epoch: some behind them may be lost, so none is shown, and the log goes on from a position of this one.
local isBroken = not isNew and tonumber(head[3]) < epoch
local suffix = head[2] or ''
local since = head[3] or ARGV[2]
if isBroken or (isNew and epoch > 0) then suffix = ARGV[3] end
if isBroken then since = ARGV[2] end
local function position(n, s)
  if s == '' then return '0' end
  return text(n) .. '-' .. s
end

local function field(row, name)
  for i = 1, #row[2], 2 do
    if row[2][i] == name then return row[2][i + 1] end
  end
end
-- The number of the first entry that is young enough; ages never fall within a log.
local function firstYoung(age)
  local first = redis.call('XRANGE', E, '-', '+', 'COUNT', 1)[1]
  if not first or tonumber(field(first, 'a')) >= age - maxAge then return nil end
  local low, high = tonumber(string.match(first[1], '^(%d+)')), count + 1
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    local row = redis.call('XRANGE', E, text(middle), '+', 'COUNT', 1)[1]
    if row and tonumber(field(row, 'a')) < age - maxAge then low = middle else high = middle end
  end
  return high
end
local function trim(age)
  local young = firstYoung(age)
  if young then redis.call('XTRIM', E, 'MINID', '=', text(young)) end
end
`;

const LOG = `
local ops = {}
-- Where the arguments of the current call are: texts are read there, since Lua unpacks 8,000 values at most.
local argsFrom, argsTo
function ops.append(age, n, origin)
  age = tonumber(age)
  if n ~= '' then
    local before = redis.call('HGET', S, 'm:' .. origin)
    if before then
      local marked, touched = string.match(before, '^(%d+) (%d+)$')
      if tonumber(marked) >= tonumber(n) and tonumber(touched) >= age - ${MARK_AGE_MS} then
        -- A write, so that WAIT waits for what came before it, also on another connection.
        if ARGV[6] == '1' then redis.call('HSET', S, 'waited', text(age)) end
        return 'repeat'
      end
    end
  end
  if isBroken then redis.call('DEL', E) end
  isBroken, isNew, at = false, false, math.max(age, at)
  local ids = {}
  for i = argsFrom + 3, argsTo, 2 do
    local id = text(count + 1)
    redis.call('XADD', E, 'MAXLEN', '~', ARGV[4], id .. '-0', 's', ARGV[i], 'p', suffix, 'a', text(at), 't', ARGV[i + 1])
    count, suffix = count + 1, ARGV[i]
    ids[#ids + 1] = position(count, suffix)
  end
  if age - trimmed > maxAge / 16 then
    trim(age)
    trimmed = age
  end
  local news = { 'count', text(count), 'last', suffix, 'epoch', since, 'at', text(at), 'trimmed', text(trimmed) }
  if n ~= '' then
    news[#news + 1] = 'm:' .. origin
    news[#news + 1] = n .. ' ' .. text(age)
  end
  redis.call('HSET', S, unpack(news))
  return ids
end
function ops.readAfter(age, after, n, most)
  if after == position(count, suffix) then return {} end
  local from = tonumber(n) + 1
  if isBroken or from > count or from <= count - maxCount then return false end
  local rows = redis.call('XRANGE', E, text(from), '+', 'COUNT', most)
  local first = rows[1]
  -- A position is known exactly when the entry after it names it as its predecessor.
  if not first or first[1] ~= text(from) .. '-0' or position(from - 1, field(first, 'p')) ~= after
    or tonumber(field(first, 'a')) < tonumber(age) - maxAge then return false end
  return rows
end
function ops.last() return position(count, suffix) end
`;

const DECISIONS = `
local function clientOf(name)
  return string.sub(name, string.find(name, ':', 1, true) + 1)
end
local function untoldOf(client)
  local all, found = redis.call('HGETALL', U), {}
  for i = 1, #all, 2 do
    if clientOf(all[i]) == client then found[#found + 1] = all[i + 1] end
  end
  return found
end
local function decidedOf(age, client)
  local now = redis.call('HGET', S, 'c:' .. client)
  if not now then return '0', false end
  local decided, touched = string.match(now, '^(%d+) (%d+)$')
  if tonumber(touched) < tonumber(age) - ${MARK_AGE_MS} then return '0', true end
  return decided, false
end
local function forget(client, D)
  redis.call('DEL', D)
  redis.call('LREM', R, 0, D)
  for _, name in ipairs(redis.call('HKEYS', U)) do
    if clientOf(name) == client then redis.call('HDEL', U, name) end
  end
  redis.call('HDEL', S, 'c:' .. client)
end
-- Of those that others have overtaken the number stays, and what is not told.
local function noteRecent(D)
  redis.call('LREM', R, 0, D)
  if redis.call('LPUSH', R, D) > ${KEPT_CLIENTS_COUNT} then redis.call('DEL', redis.call('RPOP', R)) end
end
function ops.recall(age, client, n, at)
  local decided, isOld = decidedOf(age, client)
  if isOld then return { '0', false, false } end
  local kept = redis.call('XRANGE', KEYS[tonumber(at)], n, n)[1]
  return { decided, redis.call('HGET', U, n .. ':' .. client), kept and field(kept, 'd') or false }
end
function ops.decide(age, client, n, at, seen, decision, whole)
  local decided, isOld = decidedOf(age, client)
  if isOld then forget(client, KEYS[tonumber(at)]) end
  if tonumber(decided) ~= tonumber(seen) or tonumber(n) <= tonumber(seen) then return ops.recall(age, client, n, at) end
  local isRecent = redis.call('LINDEX', R, 0) == KEYS[tonumber(at)]
  redis.call('XADD', KEYS[tonumber(at)], 'MAXLEN', '=', ${KEPT_DECISIONS_COUNT}, n .. '-0', 'd', decision)
  if whole ~= '' then redis.call('HSET', U, n .. ':' .. client, whole) end
  redis.call('HSET', S, 'c:' .. client, n .. ' ' .. age)
  if not isRecent then noteRecent(KEYS[tonumber(at)]) end
  return 1
end
function ops.fanned(age, client, n)
  redis.call('HDEL', U, n .. ':' .. client)
  return string.match(redis.call('HGET', S, 'c:' .. client) or '0', '^%d+')
end
function ops.resumeCommands(age, client, n, at)
  redis.call('XTRIM', KEYS[tonumber(at)], 'MINID', '=', n)
  return { decidedOf(age, client), untoldOf(client) }
end
function ops.unfanned() return redis.call('HGETALL', U) end
function ops.sweep(age, cursor)
  if not isBroken then trim(tonumber(age)) end
  local found, clients = redis.call('HSCAN', S, cursor, 'COUNT', 100), {}
  for i = 1, #found[2], 2 do
    local kind, touched = string.sub(found[2][i], 1, 2), string.match(found[2][i + 1], '^%d+ (%d+)$')
    if touched and tonumber(touched) < tonumber(age) - ${MARK_AGE_MS} then
      if kind == 'm:' then redis.call('HDEL', S, found[2][i]) end
      if kind == 'c:' then clients[#clients + 1] = string.sub(found[2][i], 3) end
    end
  end
  return { found[1], clients }
end
function ops.forget(age, client, at)
  local _, isOld = decidedOf(age, client)
  if isOld then forget(client, KEYS[tonumber(at)]) end
  return 1
end
`;

const RUN = `
local results, i = {}, 7
while i <= #ARGV do
  local size = tonumber(ARGV[i + 1])
  argsFrom, argsTo = i + 2, i + 1 + size
  local ok, result = pcall(ops[ARGV[i]], unpack(ARGV, argsFrom, math.min(argsTo, argsFrom + 6)))
  -- One that cannot be done takes no other with it.
  if not ok then result = { '!', type(result) == 'table' and result.err or tostring(result) } end
  results[#results + 1] = result
  i = i + 2 + size
end
return results
`;

export const SLOT_SCRIPT = [STATE, LOG, DECISIONS, RUN].join('');
