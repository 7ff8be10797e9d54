// SPDX-License-Identifier: MIT
#include "server/refusals.h"

void refusals_flush(struct refusals *r, struct log *log)
{
	if (r->unsaid)
		log_line(log, MARK_NOTICE, "Refused %lu more", r->unsaid);
	r->unsaid = 0;
}

void refusals_say(struct refusals *r, struct log *log, uint64_t now_ms,
	enum counter reason, const struct address *peer, const char *detail)
{
	char text[ADDRESS_TEXT_BYTES];

	if (now_ms / 1000 != r->second) {
		refusals_flush(r, log);
		*r = (struct refusals){ .second = now_ms / 1000 };
	}
	if (r->said == REFUSALS_A_SECOND) {
		r->unsaid++;
		return;
	}
	r->said++;
	log_line(log, MARK_NOTICE, "Refused %s: %s%s%s",
		address_format(peer, text), counter_name(reason),
		detail ? ", " : "", detail ? detail : "");
}
