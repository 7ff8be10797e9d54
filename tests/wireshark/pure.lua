-- SPDX-License-Identifier: MIT
--
-- Runs the pure functions of smx.lua, in a bare Lua or in the one of tshark:
-- finds requests and replies in what the file SMX_CASES has, a case a line,
-- and prints a line for each.

_G.Proto = nil  -- without which smx.lua is nothing but pure functions

local function bytes(hex)
	return (hex:gsub("%x%x", function(c)
		return string.char(tonumber(c, 16))
	end))
end

local smx = assert(loadfile(os.getenv("SMX_LUA")))()
for line in io.lines(os.getenv("SMX_CASES")) do
	local kind, key, text = line:match("^(%w+) (%x+) (%x*)$")
	key, text = bytes(key), bytes(text)
	if kind == "xor" then
		print((smx.xor(text, key):gsub(".", function(c)
			return string.format("%02x", c:byte())
		end)))
	elseif kind == "request" then
		local n, word = smx.recover_request(key, text, false)
		print(n and string.format("%d %s", n, word) or "wait")
	elseif kind == "frames" then
		print(tostring(smx.is_frames(text)))
	end
end
