// SPDX-License-Identifier: MIT
#include "bench/score.h"

static bool is_counted(const struct score *s, uint64_t due_ns)
{
	return due_ns >= s->counted_ns;
}

static void note_end(struct score *s, uint64_t ns)
{
	if (s->ended_ns < ns)
		s->ended_ns = ns;
}

void score_begin(struct score *s, uint64_t counted_ns)
{
	s->counted_ns = s->ended_ns = counted_ns;
}

void score_connected(struct score *s, uint64_t tried_ns, uint64_t now_ns)
{
	if (is_counted(s, tried_ns))
		histogram_record(
			&s->tally.times[TALLY_CONNECT], now_ns - tried_ns);
}

void score_session(struct score *s, uint64_t tried_ns, uint64_t exchange_ns,
	uint64_t ended_ns)
{
	tally_count(&s->tally, TALLY_CONNECTED, 1);
	if (!is_counted(s, tried_ns))
		return;
	histogram_record(&s->tally.times[TALLY_EXCHANGE], exchange_ns);
	note_end(s, ended_ns);
}

void score_reply(struct score *s, const struct asked *asked,
	uint64_t received_ns, bool is_error)
{
	struct histogram *times = s->tally.times;

	if (!is_counted(s, asked->due_ns))
		return;
	if (is_error) {
		tally_count(&s->tally, TALLY_WRONG, 1);
		return;
	}
	note_end(s, received_ns);
	histogram_record(&times[TALLY_REQUEST], received_ns - asked->due_ns);
	if (s->has_schedule)
		histogram_record(&times[TALLY_UNCORRECTED],
			received_ns - asked->sent_ns);
}

void score_lost(struct score *s, uint64_t due_ns, enum tally_count as)
{
	if (is_counted(s, due_ns))
		tally_count(&s->tally, as, 1);
}
