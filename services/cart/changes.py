"""Every change of a cart, as a script that the server runs whole, so that no other change comes in between.

A cart is a hash: each addition as JSON under its id, and the cart's revision. What version 1 kept is a line for each
product, under the product's id. A script answers a code, empty if it did what it was asked for, and then either the
hash or what more there is to say about a refusal.
"""

CART = """
local additions, field_of, revision = {}, {}, 0
local kept = redis.call('HGETALL', KEYS[1])
for i = 1, #kept, 2 do
    if kept[i] == 'revision' then
        revision = tonumber(kept[i + 1])
    else
        local addition = cjson.decode(kept[i + 1])
        additions[#additions + 1], field_of[addition.id] = addition, kept[i]
    end
end

local function result()
    return {'', redis.call('HGETALL', KEYS[1])}
end
"""

CHANGED = """
-- The clock, so that the revisions of a cart that has expired are not given again.
local function raise_revision(keep)
    local time = redis.call('TIME')
    revision = math.max(revision + 1, time[1] * 1000000 + time[2])
    local text = string.format('%.0f', revision)
    redis.call('HSET', KEYS[1], 'revision', text)
    redis.call('EXPIRE', KEYS[1], keep)
    return text
end

local function put_in(new, most_products, most_pieces, most_additions, keep)
    local products, qty_of = 0, {}
    for _, other in ipairs(additions) do
        if other.currency ~= new.currency then return {'currency-mix', other.currency} end
        if not qty_of[other.product_id] then products = products + 1 end
        qty_of[other.product_id] = (qty_of[other.product_id] or 0) + other.qty
    end
    local qty = qty_of[new.product_id]
    if not qty and products >= tonumber(most_products) then return {'cart-full'} end
    if (qty or 0) + new.qty > tonumber(most_pieces) then return {'too-many-pieces'} end
    if #additions >= tonumber(most_additions) then return {'too-many-additions'} end

    new.revision = raise_revision(keep)
    redis.call('HSET', KEYS[1], new.id, cjson.encode(new))
    return result()
end
"""

# Of a request with an Idempotency-Key is kept with the change that it was made, or what it was refused for: a cart for
# each key would let one shopper fill the server.
REPEATED = """
local known = KEYS[2] and redis.call('GET', KEYS[2])
if known then
    known = cjson.decode(known)
    if known.fingerprint ~= ARGV[1] then return {'idempotency-key-reused'} end
    return known.refusal or result()
end
"""

FIND = f"""{CART}{REPEATED}
return {{'not-known'}}
"""

ADD = f"""{CART}{REPEATED}{CHANGED}
local fingerprint, retention, new = ARGV[1], ARGV[2], ARGV[7]

local outcome = {{'product-unavailable'}}
if new then outcome = put_in(cjson.decode(new), unpack(ARGV, 3, 6)) end
if KEYS[2] then
    local refusal = outcome[1] ~= '' and outcome or nil
    redis.call('SET', KEYS[2], cjson.encode({{fingerprint = fingerprint, refusal = refusal}}), 'EX', retention)
end
return outcome
"""

CHANGE = f"""{CART}{CHANGED}
local product, qty, new = ARGV[5], tonumber(ARGV[6]), ARGV[7]

local of_product, pieces = {{}}, 0
for _, addition in ipairs(additions) do
    if addition.product_id == product then
        of_product[#of_product + 1], pieces = addition, pieces + addition.qty
    end
end
if pieces == 0 then return {{'line-not-found'}} end

if qty > pieces then
    if not new then return {{'price-needed'}} end
    new = cjson.decode(new)
    new.qty = qty - pieces
    return put_in(new, unpack(ARGV, 1, 4))
end
if qty == pieces then return result() end

-- The newest first: it is the oldest that may have been ordered already.
table.sort(of_product, function(a, b) return tonumber(a.revision or 0) > tonumber(b.revision or 0) end)
for _, addition in ipairs(of_product) do
    local less = math.min(addition.qty, pieces - qty)
    addition.qty, pieces = addition.qty - less, pieces - less
    if addition.qty == 0 then
        redis.call('HDEL', KEYS[1], field_of[addition.id])
    elseif less > 0 then
        redis.call('HSET', KEYS[1], field_of[addition.id], cjson.encode(addition))
    end
end
raise_revision(ARGV[4])
return result()
"""

CLEAR = f"""{CART}{CHANGED}
if #additions > 0 then
    redis.call('DEL', KEYS[1])
    raise_revision(ARGV[1])
end
return result()
"""

TAKE_ORDERED = f"""{CART}
for _, line_id in ipairs(ARGV) do
    if field_of[line_id] then redis.call('HDEL', KEYS[1], field_of[line_id]) end
end
return result()
"""
