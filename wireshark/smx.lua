-- SPDX-License-Identifier: MIT
--
-- smx in Wireshark and tshark, 4.0 and later (Lua 5.2 to 5.4).
--
-- It knows what docs/protocol.md says, and no secret: whatever it shows,
-- anyone on the path can see. It does not know what the programs did, only
-- what was captured.
--
-- From top to bottom: tables; pure functions on strings; a session, put
-- together from segments; and last what Wireshark is told. Only that last part
-- uses Wireshark. Loaded by a bare Lua, this file returns the pure functions.

-- --- tables -----------------------------------------------------------------

local MAGIC = "SMX1-XX\n"
local MASK_BYTES = 64
local WINDOW = 1024         -- a message over xor has no more bytes
local LATE = 1.0            -- seconds that the rest of a request may take
local SILENCE = 0.020       -- seconds that end a reply without an end
local TAG_BYTES = 16
local BLOCK_BYTES = 32      -- what sealed messages are padded to
local SEALED_MAX = WINDOW + TAG_BYTES
local HELD_MAX = 64         -- segments kept in case what precedes them comes
local TITLES_MAX = 8        -- units named in a line of the packet list

-- The flights of each exchange: who sends it, what it is called, what happens
-- in it, its bytes, and its parts (the end of a field's name, its bytes, and
-- its place, unless that is behind the one before).
local EXCHANGES = {
	xor = {
		{ sender = "client", name = "XC", bytes = 128,
			step = "XC = X ^ C: the client puts its mask C on the key X",
			parts = { { "xor.xc", 128 } } },
		{ sender = "server", name = "XCS", bytes = 128,
			step = "XCS = XC ^ S: the server puts its mask S on top",
			parts = { { "xor.xcs", 128 } } },
		{ sender = "client", name = "XS", bytes = 128,
			step = "XS = XCS ^ C: the client takes its mask off again",
			parts = { { "xor.xs", 128 } } },
	},
	noise = {
		{ sender = "client", name = "e", bytes = 40,
			step = "The client sends a key made for this session only",
			parts = { { "noise.magic", 8 }, { "noise.e", 32 },
				{ "noise.older_key", 1, 39 } } },
		{ sender = "server", name = "e, ee, s, es", bytes = 96,
			step = "The server does the same, and proves its identity, encrypted",
			parts = { { "noise.e", 32 }, { "noise.s", 48 },
				{ "noise.tag", 16 } } },
		{ sender = "client", name = "s, se", bytes = 64,
			step = "The client proves its identity, encrypted",
			parts = { { "noise.s", 48 }, { "noise.tag", 16 } } },
	},
	unknown = {},       -- the capture began behind the flights
}

local FIRST_FLIGHT = { client = 1, server = 2 }
local WORDS = { "TIME", "DATE", "TEMP", "END" }
local FORMS = { TIME = "dd:dd:dd.dddddd", DATE = "dddd-dd-dd" }
local TIME_SHORT_BYTES = 8  -- the original's, when the fraction is zero
local REPLY_MAX = 16         -- more of a reply need not be seen to judge it
local ERROR = "\xDE\xAD\xBE\xEF"

-- --- pure functions: keys ---------------------------------------------------

-- Lua 5.2 has no operator for it: the xor of two numbers below 16.
local NIBBLE = {}
for a = 0, 15 do
	for b = 0, 15 do
		local sum, bit = 0, 1
		while bit < 16 do
			if a % (2 * bit) >= bit ~= (b % (2 * bit) >= bit) then
				sum = sum + bit
			end
			bit = 2 * bit
		end
		NIBBLE[16 * a + b] = sum
	end
end

local function xor_byte(a, b)
	local low_a, low_b = a % 16, b % 16
	return NIBBLE[a - low_a + (b - low_b) / 16] * 16
		+ NIBBLE[16 * low_a + low_b]
end

-- The text, from one place up to another, with a key that repeats. Its first
-- byte meets the key's byte number `key_at`, counted from 0.
local function decrypt(key, text, from, to, key_at)
	local out = {}
	for i = from, math.min(to, #text) do
		local k = (key_at + i - from) % #key + 1
		out[#out + 1] = string.char(xor_byte(text:byte(i), key:byte(k)))
	end
	return table.concat(out)
end

local function xor(text, key)
	return decrypt(key, text, 1, #text, 0)
end

-- --- pure functions: finding messages without borders -----------------------

local WHITE = { [0x20] = true }
for c = 0x09, 0x0D do
	WHITE[c] = true
end

-- Only the letters of ASCII, whatever the locale says.
local function capitals(text)
	return (text:gsub("[a-z]", function(c)
		return string.char(c:byte() - 32)
	end))
end

-- The command word that a text begins with; else nil, and whether it could
-- become one.
local function match(text)
	local head = capitals(text:sub(1, 4))
	for _, word in ipairs(WORDS) do
		if head:sub(1, #word) == word then
			return word, false
		end
		if head ~= "" and word:sub(1, #head) == head then
			return nil, true
		end
	end
	return nil, false
end

-- The first place from which on D(text) is not white space.
local function skip_white(key, text, at)
	while at <= #text and
		WHITE[xor_byte(text:byte(at), key:byte((at - 1) % #key + 1))] do
		at = at + 1
	end
	return at
end

-- "Requests, recovered by the server" of the protocol page, by its rules: how
-- many bytes of B the next request has, and its word; nil for "wait".
local function recover_request(key, text, late)
	local at = skip_white(key, text, 1)
	local word, begun = match(decrypt(key, text, at, at + 3, at - 1))
	if word then
		local rest = at + #word
		local next_word, next_begun =
			match(decrypt(key, text, rest, rest + 3, 0))
		if next_word or next_begun then         -- rule 1
			return rest - 1, word
		end
		if skip_white(key, text, rest) > #text then     -- rule 2
			return #text, word
		end
	elseif begun and not late and #text < WINDOW then       -- rule 3
		return nil
	end
	return #text, "unknown"                         -- rule 4
end

-- Does a text begin as the form says, as far as either of them goes?
local function fits(form, text)
	for i = 1, math.min(#form, #text) do
		local wanted, found = form:sub(i, i), text:sub(i, i)
		if wanted == "d" and not found:find("^[0-9]") or
			wanted ~= "d" and wanted ~= found then
			return false
		end
	end
	return true
end

local function is_number(text)
	return text:find("^%-?[0-9][0-9]?[0-9]?[0-9]?$") ~= nil
end

-- A reply to a request that was not seen: whichever form fits.
local function recover_any(text)
	for _, form in pairs(FORMS) do
		if #text >= #form and fits(form, text) then
			return #form, false
		end
	end
	return is_number(text) and #text, true
end

-- "Replies, recovered by the client", from the first bytes of what came: how
-- many of them are the reply, and whether more of it could follow; nil for
-- "wait", false for "fits nothing".
local function recover_reply(asked, text)
	local form = FORMS[asked]
	if text:sub(1, 1) == ERROR:sub(1, 1) then
		if ERROR:sub(1, #text) == text:sub(1, #ERROR) then
			return #text >= #ERROR and #ERROR or nil, false
		end
		return false
	elseif not asked then
		return recover_any(text)
	elseif form and fits(form, text) then
		if #text >= #form then
			return #form, false
		elseif asked == "TIME" and #text == TIME_SHORT_BYTES then
			return #text, true
		end
		return nil
	elseif asked == "TEMP" and text == "-" then
		return nil
	elseif asked == "TEMP" and is_number(text) then
		return #text, true
	end
	return false
end

-- --- pure functions: frames of the noise exchange ---------------------------

-- The length that a frame begins with, and whether it is a valid one.
local function frame_length(text, at)
	local n = 256 * text:byte(at) + text:byte(at + 1)
	return n, n > TAG_BYTES and n <= SEALED_MAX and
		(n - TAG_BYTES) % BLOCK_BYTES == 0
end

-- Is it frames and nothing else? Rubbish is so once in two thousand times. Of
-- so many bytes the text has them all, or the first.
local function is_frames(text, size)
	local at = 1
	while at < #text do
		local n, valid = frame_length(text, at)
		if not valid then
			return false
		end
		at = at + 2 + n
	end
	return at == (size or #text) + 1
end

-- Bytes as a text that no screen minds.
local function printable(text)
	return (text:gsub("[^\x20-\x7E]", function(c)
		return string.format("\\x%02X", c:byte())
	end))
end

local pure = {
	xor = xor, recover_request = recover_request,
	recover_reply = recover_reply, is_frames = is_frames,
	printable = printable,
}

-- --- a session --------------------------------------------------------------
-- It has two sides. A side is what one of the two sent: a stream of bytes, in
-- positions counted from 0, cut into units. A unit is a flight, a message, or
-- bytes that nothing can be made of:
--
--   sender, from, to    who sent which bytes
--   bytes               the same as a string
--   kind                "flight", "request", "reply"; or "piece", of a flight
--                       that is not whole
--   flight              1 to 3, if it is of a flight
--   text, word          the message decrypted, and the command word
--   sealed              of a noise frame, its length
--   fits                is it what could be expected there?
--   frames, frame, time the packets it came in, the last of them, and when
--   request, reply      what it answers, or what answers it
--
-- Wireshark's own reassembly is not used: it would want to know the borders
-- before the bytes are there, and it has no idea of what was lost.

local function new_side(sender)
	return {
		sender = sender,
		flight = FIRST_FLIGHT[sender],  -- the one expected, or nil
		start = 0,              -- where that flight begins
		edge = 0,               -- all before it has come or is lost
		acked = 0,              -- all before it has reached the other side
		held = {},              -- segments behind the edge, in order
		chunks = {},            -- the segments before it
		at = 0, rest = "",      -- what no unit has been made of yet
		units = {},
		lost = {},              -- at a position: bytes missing before it
	}
end

-- `is_begun`: the connection was seen from its beginning, so that position 0
-- is that of the first flight.
local function new_session(is_begun)
	return {
		is_begun = is_begun,
		exchange = nil,         -- a key of EXCHANGES, once it is known
		flights = {},           -- the bytes of those that are whole
		key = nil,
		client = new_side("client"),
		server = new_side("server"),
		asked = { first = 1, last = 0, at = {} },
		is_unsure = not is_begun,   -- whose reply is next?
	}
end

-- Requests wait for their replies in order. After a loss nobody can tell how
-- many replies are missing; then only a request counts that was sent when
-- exactly all bytes before the reply had been received.
local function next_asked(session, position)
	local asked = session.asked
	if session.is_unsure then
		local found = asked.at[position]
		if not found or found < asked.first then
			return nil
		end
		asked.first = found
		session.is_unsure = false
	end
	return asked[asked.first]
end

local function push_asked(session, unit)
	local asked = session.asked
	asked.last = asked.last + 1
	asked[asked.last] = unit
	asked.at[unit.ack] = asked.at[unit.ack] or asked.last
end

local function link(session, reply)
	local request = next_asked(session, reply.from)
	if request then
		session.asked.first = session.asked.first + 1
		request.reply, reply.request = reply, request
	end
end

-- Which packets a unit came in, and which of them made it whole.
local function note_frames(side, unit)
	unit.frames, unit.frame = {}, 0
	for i = #side.chunks, 1, -1 do
		local chunk = side.chunks[i]
		if chunk.to <= unit.from then
			break
		end
		if chunk.from < unit.to then
			table.insert(unit.frames, 1, chunk.frame)
			if chunk.frame > unit.frame then
				unit.frame, unit.time = chunk.frame, chunk.time
				unit.ack = chunk.ack
			end
		end
	end
end

-- The takers make a unit of the text's beginning: they return how many bytes
-- it has, and what there is to say of it; nil when more is needed.

local function take_flight(session, side, text)
	local flight = EXCHANGES[session.exchange][side.flight]
	local gone = side.at - side.start       -- lost bytes, or taken pieces
	if gone == 0 and #text < flight.bytes then
		return nil
	end
	return math.min(#text, flight.bytes - gone), {
		kind = gone == 0 and "flight" or "piece",
		flight = side.flight,
	}
end

local function take_request(session, text, late)
	local n, word = recover_request(session.key, text, late)
	return n, {
		kind = "request", word = word,
		text = n and decrypt(session.key, text, 1, n, 0),
	}
end

local function take_reply(session, side, text)
	local request = next_asked(session, side.at)
	local plain = decrypt(session.key, text, 1, REPLY_MAX, 0)
	local n, may_go_on = recover_reply(request and request.word, plain)
	if n == false then
		return #text, {
			kind = "reply", fits = false, text = xor(text, session.key),
		}
	end
	return n, {
		kind = "reply", fits = true, may_go_on = may_go_on,
		text = n and plain:sub(1, n),
	}
end

local KIND = { client = "request", server = "reply" }

local function take_frame(side, text)
	if #text < 2 then
		return nil
	end
	local n, valid = frame_length(text, 1)
	if valid and #text < 2 + n then
		return nil
	end
	return valid and 2 + n or #text, {
		kind = KIND[side.sender], sealed = valid and n or nil, fits = valid,
	}
end

local function take_message(session, side, text, late)
	if session.is_ended and side.sender == "client" then
		return #text, { kind = "ignored" }
	elseif session.exchange == "noise" then
		return take_frame(side, text)
	elseif not session.key then
		return #text, { kind = KIND[side.sender] }
	elseif side.sender == "client" then
		return take_request(session, text, late)
	end
	return take_reply(session, side, text)
end

local function end_flight(session, side)
	local flights = session.flights
	side.start = side.start + EXCHANGES[session.exchange][side.flight].bytes
	side.flight = side.flight == 1 and 3 or nil
	if session.exchange == "xor" and not session.key and
		flights[1] and flights[2] and flights[3] then
		session.key = xor(xor(flights[1], flights[2]), flights[3])
	end
end

-- Flights that a loss has swallowed whole, or the end of.
local function pass_flights(session, side)
	while side.flight and side.at >= side.start +
		EXCHANGES[session.exchange][side.flight].bytes do
		end_flight(session, side)
	end
end

local function add_unit(session, side, unit, bytes)
	unit.sender, unit.bytes = side.sender, bytes
	unit.from, unit.to = side.at, side.at + #bytes
	note_frames(side, unit)
	side.units[#side.units + 1] = unit
	side.at = unit.to
	side.perhaps = nil
	if unit.kind == "flight" then
		session.flights[unit.flight] = bytes
	elseif unit.word == "END" then
		session.is_ended = true
	elseif unit.kind == "request" then
		push_asked(session, unit)
	elseif unit.kind == "reply" then
		link(session, unit)
		side.perhaps = unit.may_go_on and unit or nil
	end
	if session.exchange then
		pass_flights(session, side)
	end
end

-- Does a unit end where it says, whatever follows it?
local function has_end(unit)
	return unit.flight or unit.sealed or unit.fits and not unit.may_go_on
end

-- Cut what there is into units; a rest that could become one stays. So does
-- what would be one only if nothing followed, when something `follows` that was
-- not captured.
local function take(session, side, late, follows)
	local text, at = side.rest, 1
	while at <= #text do
		local head = text:sub(at, at + SEALED_MAX + 1)
		local n, unit
		if side.flight then
			n, unit = take_flight(session, side, head)
		elseif session.exchange == "noise" then
			n, unit = take_message(session, side, head, late)
		else
			n, unit = take_message(session, side, head:sub(1, WINDOW), late)
		end
		if not n or n < 1 or
			follows and at + n > #text and not has_end(unit) then
			break
		end
		add_unit(session, side, unit, text:sub(at, at + n - 1))
		at = at + n
	end
	side.rest = text:sub(at)
end

-- The exchange whose first flight has so many bytes.
local function exchange_of(bytes)
	for name, flights in pairs(EXCHANGES) do
		if flights[1] and flights[1].bytes == bytes then
			return name
		end
	end
	return nil
end

-- There are no flights here, and what was taken for one was none.
local function begin_behind_flights(session, exchange)
	session.exchange = exchange
	for _, side in ipairs({ session.client, session.server }) do
		side.flight = nil
		for _, unit in ipairs(side.units) do
			unit.kind, unit.flight = KIND[side.sender], nil
		end
	end
end

-- What the client's first bytes say: the magic, the beginning of it (nil,
-- there is more to come), or something else.
local function exchange_begun(text)
	if text:sub(1, #MAGIC) == MAGIC then
		return "noise"
	end
	return MAGIC:sub(1, #text) ~= text and "xor" or nil
end

-- The exchange, as soon as anything tells which it is. Without the beginning
-- of the connection, each xor flight has to come in a segment of its own,
-- or it is taken for no flight.
local function choose(session, side, chunk)
	local is_client = side.sender == "client"
	if not session.exchange then
		if is_client and side.at == 0 then
			session.exchange = exchange_begun(side.rest)
		else    -- flight 1 is missing; how long was it, as confirmed?
			session.exchange = exchange_of(session.client.acked)
			if not session.exchange then
				begin_behind_flights(session, "unknown")
			end
		end
		session.is_begun = session.is_begun or session.exchange == "noise"
	end
	if not session.is_begun and side.flight and
		chunk.to - chunk.from ~= EXCHANGES.xor[side.flight].bytes then
		begin_behind_flights(session, "unknown")
	end
	if session.exchange == "unknown" and
		is_frames(chunk.bytes, chunk.to - chunk.from) then
		begin_behind_flights(session, "noise")
	end
end

-- A reply that could be all, and turns out not to be.
local function take_back(session, side, chunk)
	local unit = side.perhaps
	if not unit or chunk.time - unit.time >= SILENCE then
		return
	end
	local text = decrypt(
		session.key, unit.bytes .. chunk.bytes, 1, REPLY_MAX, 0)
	local n = recover_reply(unit.request and unit.request.word, text)
	if n == false or n == #unit.bytes then
		return
	end
	side.units[#side.units] = nil
	side.at, side.rest, side.perhaps = unit.from, unit.bytes, nil
	if unit.request then
		session.asked.first = session.asked.first - 1
		unit.request.reply = nil
	end
end

-- The server gives up waiting for the rest of a request after a second; a
-- reply when nothing else has been asked shows that it did.
local function wait_no_longer(session, side, time)
	local client = session.client
	local last = client.chunks[#client.chunks]
	if client.rest == "" or client.flight or not session.key then
		return
	end
	if time - last.time >= LATE or side.sender == "server" and
		session.asked.first > session.asked.last then
		take(session, client, true)
	end
end

-- Bytes that will not come any more. What was begun before them stays a piece,
-- and whatever follows begins something new.
local function skip(session, side, to)
	if side.sender == "client" and not session.exchange then
		session.exchange = exchange_of(to)
	end
	if side.rest ~= "" then
		add_unit(session, side, side.flight and
			{ kind = "piece", flight = session.exchange and side.flight } or
			{
				kind = KIND[side.sender],
				text = session.key and xor(side.rest, session.key),
			}, side.rest)
	end
	side.rest = ""
	side.lost[to] = to - side.edge
	side.at, side.edge = to, to
	side.perhaps = nil
	session.is_unsure = true
end

-- Bytes that join on to what is there; those behind them, if the capture has
-- cut the packet, are lost at once.
local function append(session, side, chunk)
	wait_no_longer(session, side, chunk.time)
	if side.sender == "client" then
		session.server.perhaps = nil    -- who asks on has the reply
	else
		take_back(session, side, chunk)
	end
	side.chunks[#side.chunks + 1] = chunk
	side.edge = chunk.from + #chunk.bytes
	side.rest = side.rest .. chunk.bytes
	choose(session, side, chunk)
	if session.exchange then
		pass_flights(session, side)
		take(session, side, false, side.edge < chunk.to)
	end
	if side.edge < chunk.to then
		skip(session, side, chunk.to)
	end
end

local function trim(side, chunk)
	if chunk.from < side.edge then
		chunk.bytes = chunk.bytes:sub(side.edge - chunk.from + 1)
		chunk.from = side.edge
	end
end

-- Go on through what is held. A hole in front of it is a loss, and not a delay,
-- if the other side has confirmed the bytes in it: they came, but not to us.
local function settle(session, side)
	local held = side.held
	while held[1] and (held[1].from <= side.edge or
		held[1].from <= side.acked or #held > HELD_MAX) do
		local chunk = table.remove(held, 1)
		if chunk.from > side.edge then
			skip(session, side, chunk.from)
		end
		trim(side, chunk)
		if chunk.to > side.edge then
			append(session, side, chunk)
		end
	end
end

local function hold(side, chunk)
	local at = #side.held + 1
	while at > 1 and side.held[at - 1].from > chunk.from do
		at = at - 1
	end
	table.insert(side.held, at, chunk)
end

-- Where a sequence number is, taken as near to the edge as possible.
local function position(side, number)
	local ahead = (number - side.base - side.edge) % 4294967296
	if ahead >= 2147483648 then
		ahead = ahead - 4294967296
	end
	return side.edge + ahead
end

-- A segment: sequence numbers, bytes (all, or the first, of so many), packet,
-- time, and whether it is the side's last. Returns where it is. Without the
-- connecting, or in the middle of it, a side begins where it is first seen.
local function receive(session, sender, segment)
	local side = session[sender]
	local other = session[sender == "client" and "server" or "client"]
	side.base = side.base or segment.seq
	other.base = other.base or segment.ack
	local from = position(side, segment.seq)
	local to = from + segment.size
	local ack = segment.ack and position(other, segment.ack) or other.acked
	other.acked = math.max(other.acked, ack)
	settle(session, other)
	if to > side.edge then
		hold(side, {
			from = from, to = to, bytes = segment.bytes, ack = ack,
			frame = segment.frame, time = segment.time,
		})
		settle(session, side)
	end
	if segment.is_last and to == side.edge then
		wait_no_longer(session, side, math.huge)
	end
	return {
		session = session, side = side, from = from, to = to,
		cut = segment.size - #segment.bytes,
	}
end

-- The number of the first unit that ends behind a position.
local function find_unit(side, from)
	local low, high = 1, #side.units + 1
	while low < high do
		local middle = math.floor((low + high) / 2)
		if side.units[middle].to > from then
			high = middle
		else
			low = middle + 1
		end
	end
	return low
end

pure.new_session, pure.receive = new_session, receive

if not Proto then   -- no Wireshark
	return pure
end

-- --- what Wireshark is told: names ------------------------------------------

local smx = Proto("smx", "Simple message exchange")

local RELATION = {
	response_in = frametype.RESPONSE,
	response_to = frametype.REQUEST,
}

-- The rest of a field's name after "smx.", its type, its title, its help.
local FIELDS = {
	{ "exchange", "string", "Exchange", "xor or noise" },
	{ "sender", "string", "Sender", "client or server" },
	{ "flight", "uint8", "Flight", "1 to 3, of the key exchange" },
	{ "step", "string", "Step", "What the flight does" },
	{ "request", "string", "Request", "TIME, DATE, TEMP, END or unknown" },
	{ "reply", "string", "Reply", "What the server replied" },
	{ "text", "string", "Text", "A message that is spelled differently" },
	{ "encrypted", "bytes", "Encrypted", "A message as on the wire" },
	{ "response_in", "framenum", "Response in" },
	{ "response_to", "framenum", "Response to" },
	{ "time", "relative_time", "Time",
		"From the request to the reply" },
	{ "whole_in", "framenum", "Whole in",
		"The packet that completes this part" },
	{ "segment", "framenum", "Segment",
		"A packet with a part of this" },
	{ "lost", "uint32", "Bytes not captured before this" },
	{ "cut", "uint32", "Bytes cut off by the capture",
		"The packet was longer than the capture allows" },
	{ "xor.xc", "bytes", "XC", "The key under the client's mask" },
	{ "xor.xcs", "bytes", "XCS", "The key under both masks" },
	{ "xor.xs", "bytes", "XS", "The key under the server's mask" },
	{ "xor.halves", "bytes", "X[i] ^ X[i+64], from flight 1 alone" },
	{ "xor.s", "bytes", "S = XC ^ XCS, the server's mask" },
	{ "xor.c", "bytes", "C = XCS ^ XS, the client's mask" },
	{ "xor.x", "bytes", "X = XC ^ XCS ^ XS, the key" },
	{ "noise.magic", "string", "Magic" },
	{ "noise.e", "bytes", "e, ephemeral public key" },
	{ "noise.older_key", "bool", "Asks for the server's older key",
		"The bit of e that the curve ignores", 0x80 },
	{ "noise.s", "bytes", "s, static public key, sealed",
		"Encrypted, with 16 bytes of tag" },
	{ "noise.tag", "bytes", "Tag of the empty payload" },
	{ "noise.length", "uint16", "Length",
		"Of the ciphertext and its tag" },
	{ "noise.ciphertext", "bytes", "Ciphertext" },
	{ "noise.message_tag", "bytes", "Tag" },
}

local field = {}
for _, row in ipairs(FIELDS) do
	local name, kind, title, help, mask = table.unpack(row)
	if kind == "framenum" then
		field[name] = ProtoField.framenum("smx." .. name, title, base.NONE,
			RELATION[name] or frametype.NONE, nil, help)
	elseif kind:find("^uint") then
		field[name] = ProtoField[kind]("smx." .. name, title, base.DEC,
			nil, nil, help)
	elseif kind == "bool" then
		field[name] = ProtoField.bool("smx." .. name, title, 8, nil, mask, help)
	elseif kind == "relative_time" then
		field[name] = ProtoField.relative_time("smx." .. name, title, help)
	else
		field[name] = ProtoField[kind]("smx." .. name, title, base.NONE, help)
	end
	smx.fields[#smx.fields + 1] = field[name]
end

local function expert_item(name, text, group, severity)
	local item = ProtoExpert.new("smx." .. name, text, group, severity)
	smx.experts[#smx.experts + 1] = item
	return item
end

local READABLE = expert_item("readable", "The three flights are the key, " ..
	"XC ^ XCS ^ XS = X, so anyone on the path can read and change this session",
	expert.group.SECURITY, expert.severity.WARN)
local NO_KEY = expert_item("no_key", "The key is unknown",
	expert.group.UNDECODED, expert.severity.NOTE)
local STRANGE = expert_item("strange", "Data that the protocol does not allow",
	expert.group.PROTOCOL, expert.severity.WARN)
local LOST = expert_item("gap", "Bytes before this were not captured",
	expert.group.SEQUENCE, expert.severity.NOTE)
local SHORT = expert_item("short", "The end of this packet was not captured",
	expert.group.UNDECODED, expert.severity.NOTE)

-- --- what Wireshark is told: units ------------------------------------------

local NAME = { request = "Request", reply = "Reply" }

local function flight_title(session, unit)
	local flight = EXCHANGES[session.exchange][unit.flight]
	return string.format("Key exchange %d/3: %s (%s)%s", unit.flight,
		flight.name, session.exchange,
		unit.kind == "piece" and ", incomplete" or "")
end

-- What a unit is called, in the packet list and in the tree.
local function title(session, unit)
	if unit.flight then
		return flight_title(session, unit)
	elseif unit.word == "unknown" then
		return 'Request unknown, "' .. printable(unit.text:sub(1, 16)) .. '"'
	elseif unit.word then
		return "Request " .. unit.word
	elseif unit.sealed then
		return string.format("%s, %d bytes sealed", NAME[unit.kind], unit.sealed)
	elseif unit.text and unit.fits then
		return "Reply " .. (unit.text == ERROR and "DE AD BE EF" or unit.text)
	end
	return string.format("%s, %d bytes%s", NAME[unit.kind] or "Data",
		#unit.bytes, unit.kind == "ignored" and " after the end" or "")
end

-- Why there is no key, in words.
local function missing_flights(session)
	if session.exchange == "unknown" then
		return "The key is unknown: the key exchange was not captured"
	end
	local missing = {}
	for i = 1, 3 do
		if not session.flights[i] then
			missing[#missing + 1] = tostring(i)
		end
	end
	return "The key is unknown: flight " .. table.concat(missing, " and ") ..
		" of 3 was not captured whole"
end

local function add_generated(tree, name, ...)
	return tree:add(field[name], ...):set_generated()
end

-- Bytes that are in no packet, in a tab of their own.
local function add_derived(tree, name, tab, bytes)
	add_generated(tree, name, ByteArray.new(bytes, true):tvb(tab)())
end

-- What each flight gives away to whoever has seen those before it.
local GIVEN_AWAY = {
	function(flights, tree)
		local first = flights[1]
		add_derived(tree, "xor.halves", "X[i] ^ X[i+64]",
			xor(first:sub(1, MASK_BYTES), first:sub(MASK_BYTES + 1)))
	end,
	function(flights, tree)
		if flights[1] then
			add_derived(tree, "xor.s", "S",
				xor(flights[1], flights[2]):sub(1, MASK_BYTES))
		end
	end,
	function(flights, tree, session)
		if flights[2] then
			add_derived(tree, "xor.c", "C",
				xor(flights[2], flights[3]):sub(1, MASK_BYTES))
		end
		if session.key then
			add_derived(tree, "xor.x", "X", session.key)
			tree:add_proto_expert_info(READABLE)
		else
			tree:add_proto_expert_info(NO_KEY, missing_flights(session))
		end
	end,
}

local function show_flight(session, unit, tree, data)
	local flight, at = EXCHANGES[session.exchange][unit.flight], 0
	add_generated(tree, "flight", unit.flight)
	add_generated(tree, "step", flight.step)
	if unit.kind == "piece" then
		return
	end
	for _, part in ipairs(flight.parts) do
		at = part[3] or at
		tree:add(field[part[1]], data(at, part[2]))
		at = at + part[2]
	end
	if session.exchange == "xor" then
		GIVEN_AWAY[unit.flight](session.flights, tree, session)
	end
end

local function show_sealed(unit, tree, data)
	tree:add(field["noise.length"], data(0, 2))
	tree:add(field["noise.ciphertext"], data(2, unit.sealed - TAG_BYTES))
	tree:add(field["noise.message_tag"],
		data(2 + unit.sealed - TAG_BYTES, TAG_BYTES))
end

local function show_text(unit, tree, plain)
	local shown = unit.word
	if unit.word then
		tree:add(field.request, plain, shown)
	elseif unit.fits then
		shown = unit.text == ERROR and "DE AD BE EF" or unit.text
		tree:add(field.reply, plain, shown)
	end
	if unit.text ~= shown then
		tree:add(field.text, plain, printable(unit.text))
	end
end

local function show_message(session, unit, tree, data, plain)
	if unit.sealed then
		return show_sealed(unit, tree, data)
	end
	tree:add(field.encrypted, data())
	if unit.text then
		show_text(unit, tree, plain)
	elseif session.exchange ~= "noise" and unit.kind ~= "ignored" then
		tree:add_proto_expert_info(NO_KEY, missing_flights(session))
	end
	if unit.fits == false then
		tree:add_proto_expert_info(STRANGE)
	end
end

-- Seconds as Wireshark wants them, in two numbers of the same sign.
local function duration(seconds)
	local whole = seconds < 0 and math.ceil(seconds) or math.floor(seconds)
	return NSTime.new(whole, math.floor((seconds - whole) * 1e9 + 0.5))
end

local function show_links(unit, tree)
	if unit.reply then
		add_generated(tree, "response_in", unit.reply.frame)
	elseif unit.request then
		add_generated(tree, "response_to", unit.request.frame)
		add_generated(tree, "time", duration(unit.time - unit.request.time))
	end
	for _, frame in ipairs(#unit.frames > 1 and unit.frames or {}) do
		add_generated(tree, "segment", frame)
	end
end

-- --- what Wireshark is told: packets ----------------------------------------

-- All decrypted texts of a packet are in one tab under its bytes.
local function decrypted_tab(units)
	local texts = {}
	for _, unit in ipairs(units) do
		texts[#texts + 1] = unit.text
	end
	if #texts > 0 then
		return ByteArray.new(table.concat(texts), true):tvb("Decrypted")
	end
end

-- The bytes of a unit: where they are in this packet, or else put together.
local function unit_data(segment, unit, tvb)
	local at = unit.from - segment.from
	if at >= 0 and at + #unit.bytes <= tvb:len() then
		return tvb(at, #unit.bytes):tvb()
	end
	return ByteArray.new(unit.bytes, true):tvb("Reassembled")
end

local function show_whole(segment, units, tvb, root)
	local tab, at = decrypted_tab(units), 0
	for _, unit in ipairs(units) do
		local data = unit_data(segment, unit, tvb)
		local tree = root:add(smx, data(), title(segment.session, unit))
		add_generated(tree, "sender", unit.sender)
		if unit.flight then
			show_flight(segment.session, unit, tree, data)
		else
			local plain = unit.text and tab(at, #unit.text)
			at = at + #(unit.text or "")
			show_message(segment.session, unit, tree, data, plain)
		end
		show_links(unit, tree)
	end
end

-- The part of a unit that became whole in another packet.
local function show_part(segment, unit, text, tvb, root)
	local from = math.max(unit.from - segment.from, 0)
	local to = math.min(unit.to - segment.from, tvb:len())
	local tree = root:add(smx, tvb(from, to - from), text)
	add_generated(tree, "whole_in", unit.frame)
end

-- The units that a packet has bytes of, and where behind them it has a rest.
local function contents(segment)
	local side, found, rest = segment.side, {}, segment.from
	local to = segment.to - segment.cut
	for i = find_unit(side, rest), rest < to and #side.units or 0 do
		local unit = side.units[i]
		if unit.from >= to then
			break
		end
		found[#found + 1] = unit
		rest = unit.to
	end
	return found, rest
end

local function title_in(segment, unit, number)
	local text = title(segment.session, unit)
	if unit.frame == number then
		return text
	end
	return string.format("[%s of %s, in %d]", unit.frame < number and
		"Retransmission" or "Part", text, unit.frame)
end

local function title_of_rest(segment, rest)
	local why = "Incomplete"
	if rest >= segment.to - segment.cut then
		return string.format("[Cut by the capture: %d bytes missing]",
			segment.to - rest)
	end
	if segment.to > segment.side.edge then
		why = "Held until the data before it arrives"
	elseif rest < segment.side.at then
		why = "Too late"
	end
	return string.format("[%s, %d bytes]", why, segment.to - rest)
end

-- The line in the packet list.
local function headline(segment, number)
	local titles, units, rest = {}, contents(segment)
	for i = 1, math.min(#units, TITLES_MAX) do
		titles[i] = title_in(segment, units[i], number)
	end
	if rest < segment.to then
		titles[#titles + 1] = title_of_rest(segment, rest)
	end
	local text, more = table.concat(titles, ", "), #units - TITLES_MAX
	return more > 0 and string.format("%s and %d more", text, more) or text
end

local function show(segment, number, tvb, root)
	local units, rest = contents(segment)
	local lost, whole = segment.side.lost[segment.from], {}
	if EXCHANGES[segment.session.exchange or "unknown"][1] then
		add_generated(root, "exchange", segment.session.exchange)
	end
	if lost then
		add_generated(root, "lost", lost):add_proto_expert_info(LOST)
	end
	if segment.cut > 0 then
		add_generated(root, "cut", segment.cut):add_proto_expert_info(SHORT)
	end
	for _, unit in ipairs(units) do
		if unit.frame == number then
			whole[#whole + 1] = unit
		else
			show_part(segment, unit, title_in(segment, unit, number), tvb, root)
		end
	end
	show_whole(segment, whole, tvb, root)
	if rest < segment.to - segment.cut then
		root:add(smx, tvb(math.max(rest - segment.from, 0)),
			title_of_rest(segment, rest))
	end
end

-- --- what Wireshark is told: state ------------------------------------------
-- TCP hands over no segment that it takes for a retransmission or for late.
-- So what it calls for a packet only marks the connection as one of smx; the
-- segments are taken up after all other protocols, where each has its turn,
-- those without bytes too.

local sessions = {}     -- by TCP stream
local segments = {}     -- by packet

local tcp = {
	stream = Field.new("tcp.stream"), payload = Field.new("tcp.payload"),
	seq = Field.new("tcp.seq"), raw_seq = Field.new("tcp.seq_raw"),
	ack = Field.new("tcp.ack"), raw_ack = Field.new("tcp.ack_raw"),
	length = Field.new("tcp.len"), is_syn = Field.new("tcp.flags.syn"),
	is_ack = Field.new("tcp.flags.ack"), fin = Field.new("tcp.flags.fin"),
	completeness = Field.new("tcp.completeness"),
}
local quoted = { Field.new("icmp.type"), Field.new("icmpv6.type") }
local SAW_SYN = 4       -- completeness modulo this: SYN, or SYN and ACK

-- What the innermost TCP header has: there can be several in a packet.
local function last(extractor)
	local found = { extractor() }
	return found[#found]
end

local function value(extractor)
	local found = last(extractor)
	return found and found.value
end

function smx.init()
	sessions, segments = {}, {}
end

-- Who connected: whoever sent the first SYN, or the magic, or spoke first; else
-- whoever is not on the port that brought the packet here; else whoever has the
-- higher port.
local function is_from_client(pinfo, tvb, is_first)
	if value(tcp.is_syn) then
		return not value(tcp.is_ack)
	elseif is_first or tvb:raw(0, math.min(tvb:len(), #MAGIC)) == MAGIC then
		return true
	elseif pinfo.match_uint == pinfo.src_port or
		pinfo.match_uint == pinfo.dst_port then
		return pinfo.match_uint == pinfo.dst_port
	end
	return pinfo.dst_port < pinfo.src_port
end

-- What a segment's first byte has as its number: a SYN, which can carry bytes
-- as well, has one of its own.
local function first_byte(extractor)
	return (value(extractor) or 0) + (value(tcp.is_syn) and 1 or 0)
end

-- The number that the next byte of the other side is to have.
local function next_byte(extractor)
	return value(tcp.is_ack) and value(extractor) or nil
end

-- Position 0 is where the first flight begins, if the connection was seen
-- from the beginning; else where the capture does.
local function begin_session(tvb, pinfo)
	local seq, raw_seq = first_byte(tcp.seq), first_byte(tcp.raw_seq)
	local ack, raw_ack = next_byte(tcp.ack), next_byte(tcp.raw_ack)
	local is_begun = value(tcp.is_syn) or
		(value(tcp.completeness) or 0) % SAW_SYN > 0
	local is_relative = is_begun and seq ~= raw_seq
	local is_first = is_relative and seq == 1 and ack == 1
	local session = new_session(is_begun)
	session.client_port = pinfo.src_port
	local side, other = session.client, session.server
	if not is_from_client(pinfo, tvb, is_first) then
		session.client_port = pinfo.dst_port
		side, other = other, side
	end
	side.base = is_relative and raw_seq - seq + 1 or raw_seq
	other.base = is_relative and ack and raw_ack - ack + 1 or raw_ack
	return session
end

local function mark(tvb, pinfo)
	local stream, known = value(tcp.stream), segments[pinfo.number]
	pinfo.cols.protocol = "SMX"
	if stream then
		sessions[stream] = sessions[stream] or begin_session(tvb, pinfo)
	elseif known then       -- only the packet list is drawn
		pinfo.cols.info = headline(known, pinfo.number)
	end
	return tvb:len()
end

smx.dissector = mark

local late = Proto("smx_segments", "Simple message exchange, its segments")

-- Where a packet's bytes belong is worked out when it is first seen (packets
-- are first seen in their order) and remembered. Whether Wireshark has visited
-- it says less: the first pass of `tshark -2` comes without any fields. Nor is
-- the number enough: what a read filter drops has the number of the next.
local function segment_of(session, pinfo, range)
	local seq, known = first_byte(tcp.raw_seq), segments[pinfo.number]
	local size = value(tcp.length) or 0
	if not known or known.session ~= session or known.seq ~= seq or
		known.to - known.from ~= size then
		local sender = pinfo.src_port == session.client_port
		known = receive(session, sender and "client" or "server", {
			seq = seq, ack = next_byte(tcp.raw_ack), size = size,
			bytes = range and range:raw():sub(1, size) or "",
			frame = pinfo.number, time = pinfo.rel_ts,
			is_last = value(tcp.fin),
		})
		known.seq = seq
		segments[pinfo.number] = known
	end
	return known
end

function late.dissector(_, pinfo, tree)
	local stream = value(tcp.stream)
	local session = stream and sessions[stream]
	if not session or last(quoted[1]) or last(quoted[2]) then
		return
	end
	local payload = last(tcp.payload)
	local range = payload and payload.range
	local segment = segment_of(session, pinfo, range)
	if segment.from < segment.to then
		pinfo.cols.protocol = "SMX"
		pinfo.cols.info = headline(segment, pinfo.number)
		show(segment, pinfo.number, range and range:tvb(),
			range and tree:add(smx, range) or tree:add(smx))
	end
end

register_postdissector(late)

-- --- what Wireshark is told: where ------------------------------------------

smx.prefs.ports = Pref.range("TCP ports", "1337",
	"Ports whose traffic is decoded as smx", 65535)

local tcp_ports = DissectorTable.get("tcp.port")
local ports = ""

-- No ports may be given back that were not taken, and none are an error.
local function take_ports(wanted)
	if ports ~= "" then
		tcp_ports:remove(ports, smx)
	end
	ports = wanted
	if ports ~= "" then
		tcp_ports:add(ports, smx)
	end
end

function smx.prefs_changed()
	take_ports(smx.prefs.ports)
end

take_ports(smx.prefs.ports)
tcp_ports:add_for_decode_as(smx)

-- The magic is proof enough; of xor there is nothing to know it by.
smx:register_heuristic("tcp", function(tvb, pinfo)
	if tvb:len() < #MAGIC or tvb:raw(0, #MAGIC) ~= MAGIC then
		return false
	end
	pinfo.conversation = smx
	mark(tvb, pinfo)
	return true
end)
