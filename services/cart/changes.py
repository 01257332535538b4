"""Every change of a cart, as a script that the server runs whole, so that no other change comes in between.

A cart is a hash: a field for each product, with the line as JSON. A script answers a code, empty if it did what it was
asked for, and then either the lines or what more there is to say about a refusal.
"""

ADD = """
local product, line = ARGV[1], cjson.decode(ARGV[2])
local most_lines, most_pieces, keep = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local kept = redis.call('HGETALL', KEYS[1])
local there = false
for i = 1, #kept, 2 do
    local other = cjson.decode(kept[i + 1])
    if kept[i] == product then
        there, line.qty = true, line.qty + other.qty
    elseif other.currency ~= line.currency then
        return {'currency-mix', other.currency}
    end
end
if not there and #kept / 2 >= most_lines then return {'cart-full'} end
if line.qty > most_pieces then return {'too-many-pieces'} end

redis.call('HSET', KEYS[1], product, cjson.encode(line))
redis.call('EXPIRE', KEYS[1], keep)
return {'', redis.call('HVALS', KEYS[1])}
"""

CHANGE = """
local product, qty, line_id, keep = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

local kept = redis.call('HGET', KEYS[1], product)
if not kept then return {'line-not-found'} end

local line = cjson.decode(kept)
if qty == 0 then
    redis.call('HDEL', KEYS[1], product)
elseif qty ~= line.qty then
    line.qty, line.id = qty, line_id
    redis.call('HSET', KEYS[1], product, cjson.encode(line))
end
redis.call('EXPIRE', KEYS[1], keep)
return {'', redis.call('HVALS', KEYS[1])}
"""

TAKE_ORDERED = """
if not redis.call('SET', KEYS[2], '', 'NX', 'EX', ARGV[1]) then return {'', {}} end

for i = 2, #ARGV, 2 do
    local kept = redis.call('HGET', KEYS[1], ARGV[i])
    if kept and cjson.decode(kept).id == ARGV[i + 1] then
        redis.call('HDEL', KEYS[1], ARGV[i])
    end
end
return {'', {}}
"""
