// SPDX-License-Identifier: MIT
#include "flow.h"

#include "base/attributes.h"
#include "chance.h"
#include "faults.h"
#include "world.h"

enum { STALL_MOST_MS = 45000 };

size_t flow_room(const struct flow *f)
{
	uint64_t held = f->written - f->read;

	return held < world.room ? (size_t)(world.room - held) : 0;
}

size_t flow_available(const struct flow *f)
{
	return (size_t)(f->arrived - f->read);
}

static bool has_more(const struct flow *f)
{
	return !f->has_reset &&
	       (f->written > f->arrived || (f->ends && !f->has_ended) ||
		       f->resets);
}

static void schedule(struct flow *f)
{
	f->due_ns = world.now_ns + 1000 * chance_magnitude(world.latency_us);
	if (fault(FAULT_STALL))
		f->due_ns += 1000000 * chance_magnitude(STALL_MOST_MS);
}

/* Of n bytes, perhaps not all. */
static size_t cut(size_t n, enum fault short_one)
{
	return n > 1 && fault(short_one) ? 1 + chance_below((unsigned)n - 1)
					 : n;
}

size_t flow_write(struct flow *f, const uint8_t *bytes, size_t n)
{
	n = cut(min_size(n, flow_room(f)), FAULT_SHORT_WRITE);
	if (!has_more(f))
		schedule(f);
	for (size_t i = 0; i < n; i++)
		f->bytes[f->written++ % FLOW_BYTES] = bytes[i];
	return n;
}

size_t flow_read(struct flow *f, uint8_t *bytes, size_t n)
{
	n = cut(min_size(n, flow_available(f)), FAULT_SHORT_READ);
	for (size_t i = 0; i < n; i++)
		bytes[i] = f->bytes[f->read++ % FLOW_BYTES];
	if (n)
		f->read_step = world.steps;
	return n;
}

void flow_end(struct flow *f)
{
	if (!has_more(f))
		schedule(f);
	f->ends = true;
}

void flow_reset(struct flow *f)
{
	if (f->resets)
		return;
	f->resets = true;
	schedule(f);
}

bool flow_is_over(const struct flow *f)
{
	return f->has_ended || f->has_reset;
}

bool flow_can_arrive(const struct flow *f)
{
	return has_more(f) && f->due_ns <= world.now_ns;
}

uint64_t flow_due_ns(const struct flow *f)
{
	return has_more(f) ? f->due_ns : UINT64_MAX;
}

uint64_t flow_arrive(struct flow *f)
{
	uint64_t n = f->written - f->arrived;

	if (n > 1 && fault(FAULT_CUT))
		n = 1 + chance_next() % (n - 1);
	if (f->resets) {
		/* What has not arrived by now never will. */
		f->arrived += n ? chance_next() % (n + 1) : 0;
		f->written = f->arrived;
		f->has_reset = true;
	} else {
		f->arrived += n;
		f->has_ended = f->ends && f->arrived == f->written;
	}
	f->arrived_step = world.steps;
	schedule(f);
	return n;
}
