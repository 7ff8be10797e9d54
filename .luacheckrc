-- What Wireshark gives to a script, in whichever Lua it has.
std = "max"
max_line_length = 80
read_globals = {
	"ByteArray", "DissectorTable", "Field", "NSTime", "Pref", "Proto",
	"ProtoExpert", "ProtoField", "base", "expert", "frametype",
	"register_postdissector",
}
