"""The Lua scripts that change carts: the server runs each whole, so that no other change comes in between.

A cart is a hash: each addition as JSON under its id, and the cart's revision. What version 1 kept is a line for each
product, under the product's id. A script answers a code, empty if it did what it was asked for, and then either the
hash or what more there is to say about a refusal.
"""

READ_CART_LUA = """
local additions, field_of, revision = {}, {}, 0
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
    if fields[i] == 'revision' then
        revision = tonumber(fields[i + 1])
    else
        local addition = cjson.decode(fields[i + 1])
        additions[#additions + 1], field_of[addition.id] = addition, fields[i]
    end
end

local function result()
    return {'', redis.call('HGETALL', KEYS[1])}
end
"""

WRITE_FUNCTIONS_LUA = """
-- The clock, so that the revisions of a cart that has expired are not given again.
local function raise_revision(ttl)
    local time = redis.call('TIME')
    revision = math.max(revision + 1, time[1] * 1000000 + time[2])
    local text = string.format('%.0f', revision)
    redis.call('HSET', KEYS[1], 'revision', text)
    redis.call('EXPIRE', KEYS[1], ttl)
    return text
end

local function add_addition(new, max_products, max_quantity, max_additions, ttl)
    local products, qty_of = 0, {}
    for _, other in ipairs(additions) do
        if other.currency ~= new.currency then return {'currency-mix', other.currency} end
        if not qty_of[other.product_id] then products = products + 1 end
        qty_of[other.product_id] = (qty_of[other.product_id] or 0) + other.qty
    end
    local qty = qty_of[new.product_id]
    if not qty and products >= tonumber(max_products) then return {'cart-full'} end
    if (qty or 0) + new.qty > tonumber(max_quantity) then return {'too-many-pieces'} end
    if #additions >= tonumber(max_additions) then return {'too-many-additions'} end

    new.revision = raise_revision(ttl)
    redis.call('HSET', KEYS[1], new.id, cjson.encode(new))
    return result()
end
"""

# Of a request with an Idempotency-Key is kept with the change that it was made, or what it was refused for: a cart for
# each key would let one shopper fill the server.
REPLAY_LUA = """
local stored = KEYS[2] and redis.call('GET', KEYS[2])
if stored then
    stored = cjson.decode(stored)
    if stored.fingerprint ~= ARGV[1] then return {'idempotency-key-reused'} end
    return stored.refusal or result()
end
"""

FIND_BY_KEY_SCRIPT = f"""{READ_CART_LUA}{REPLAY_LUA}
return {{'key-not-found'}}
"""

ADD_SCRIPT = f"""{READ_CART_LUA}{REPLAY_LUA}{WRITE_FUNCTIONS_LUA}
local fingerprint, retention, new = ARGV[1], ARGV[2], ARGV[7]

local outcome = {{'product-unavailable'}}
if new then outcome = add_addition(cjson.decode(new), unpack(ARGV, 3, 6)) end
if KEYS[2] then
    local refusal = outcome[1] ~= '' and outcome or nil
    redis.call('SET', KEYS[2], cjson.encode({{fingerprint = fingerprint, refusal = refusal}}), 'EX', retention)
end
return outcome
"""

SET_QUANTITY_SCRIPT = f"""{READ_CART_LUA}{WRITE_FUNCTIONS_LUA}
local product, qty, new = ARGV[5], tonumber(ARGV[6]), ARGV[7]

local product_additions, quantity = {{}}, 0
for _, addition in ipairs(additions) do
    if addition.product_id == product then
        product_additions[#product_additions + 1], quantity = addition, quantity + addition.qty
    end
end
if quantity == 0 then return {{'line-not-found'}} end

if qty > quantity then
    if not new then return {{'price-required'}} end
    new = cjson.decode(new)
    new.qty = qty - quantity
    return add_addition(new, unpack(ARGV, 1, 4))
end
if qty == quantity then return result() end

-- The newest first: it is the oldest that may have been ordered already.
table.sort(product_additions, function(a, b) return tonumber(a.revision or 0) > tonumber(b.revision or 0) end)
for _, addition in ipairs(product_additions) do
    local removed = math.min(addition.qty, quantity - qty)
    addition.qty, quantity = addition.qty - removed, quantity - removed
    if addition.qty == 0 then
        redis.call('HDEL', KEYS[1], field_of[addition.id])
    elseif removed > 0 then
        redis.call('HSET', KEYS[1], field_of[addition.id], cjson.encode(addition))
    end
end
raise_revision(ARGV[4])
return result()
"""

TAKE_PRICE_SCRIPT = f"""{READ_CART_LUA}{WRITE_FUNCTIONS_LUA}
local product, line_id, new, ttl = ARGV[1], ARGV[2], cjson.decode(ARGV[3]), ARGV[4]

local replaced, newest, quantity, other_currency = {{}}, nil, 0, nil
for _, addition in ipairs(additions) do
    if addition.product_id == product then
        replaced[#replaced + 1], quantity = field_of[addition.id], quantity + addition.qty
        if not newest or tonumber(addition.revision or 0) > tonumber(newest.revision or 0) then newest = addition end
    elseif addition.currency ~= new.currency then
        other_currency = addition.currency
    end
end
if not newest then return {{'line-not-found'}} end
if newest.id ~= line_id then return result() end
if other_currency then return {{'currency-mix', other_currency}} end

new.qty, new.revision = quantity, raise_revision(ttl)
redis.call('HDEL', KEYS[1], unpack(replaced))
redis.call('HSET', KEYS[1], new.id, cjson.encode(new))
return result()
"""

CLEAR_SCRIPT = f"""{READ_CART_LUA}{WRITE_FUNCTIONS_LUA}
if #additions > 0 then
    redis.call('DEL', KEYS[1])
    raise_revision(ARGV[1])
end
return result()
"""

REMOVE_ORDERED_SCRIPT = f"""{READ_CART_LUA}
for _, line_id in ipairs(ARGV) do
    if field_of[line_id] then redis.call('HDEL', KEYS[1], field_of[line_id]) end
end
return result()
"""
