// SPDX-License-Identifier: MIT
#include "lab/score.h"

#include <inttypes.h>
#include <stdio.h>

void score_add(struct score *s, uint64_t ns)
{
	histogram_record(&s->ns, ns);
	s->slow += ns > 1000000000;
}

static double ms(const struct score *s, double share)
{
	return (double)histogram_at(&s->ns, share) / 1e6;
}

static void print(const char *name, const struct score *s, const char *end)
{
	printf("\"%s\": {\"begun\": %" PRIu64 ", \"served\": %" PRIu64
	       ", \"failed\": %" PRIu64 ", \"slow\": %" PRIu64
	       ", \"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f"
	       ", \"max_ms\": %.3f}%s",
		name, s->begun, histogram_total(&s->ns), s->failed, s->slow,
		ms(s, 0.5), ms(s, 0.9), ms(s, 0.99),
		(double)histogram_max(&s->ns) / 1e6, end);
}

void scores_print(const struct score scores[static EXCHANGE_COUNT])
{
	static struct score all;

	all = (struct score){ 0 };
	for (enum exchange_id i = 0; i < EXCHANGE_COUNT; i++) {
		print(exchanges[i]->name, &scores[i], ", ");
		all.begun += scores[i].begun;
		all.failed += scores[i].failed;
		all.slow += scores[i].slow;
		histogram_add(&all.ns, &scores[i].ns);
	}
	print("all", &all, "");
}
