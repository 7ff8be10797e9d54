// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <assert.h>
#include <string.h>

#include "fakes/fakes.h"

uint64_t clock_ns(void)
{
	return fake.now_ns;
}

uint64_t clock_ms(void)
{
	return fake.now_ns / 1000000;
}

struct timespec clock_left(uint64_t moment_ns)
{
	uint64_t left = moment_ns > fake.now_ns ? moment_ns - fake.now_ns : 0;

	return (struct timespec){
		.tv_sec = (time_t)(left / 1000000000),
		.tv_nsec = (long)(left % 1000000000),
	};
}

static void forget_past(void)
{
	fake.event_count -= fake.happened;
	memmove(fake.events, fake.events + fake.happened,
		fake.event_count * sizeof(*fake.events));
	fake.happened = 0;
}

void fake_at(uint64_t ms, void (*act)(void *argument), void *argument)
{
	fake_at_ns(fake.now_ns + ms * 1000000, act, argument);
}

void fake_at_ns(uint64_t at_ns, void (*act)(void *argument), void *argument)
{
	size_t i;

	if (fake.event_count == FAKE_EVENTS)
		forget_past();
	i = fake.event_count++;
	assert(i < FAKE_EVENTS);
	for (; i > fake.happened && fake.events[i - 1].at_ns > at_ns; i--)
		fake.events[i] = fake.events[i - 1];
	fake.events[i] = (struct fake_event){ at_ns, act, argument };
}

bool fake_happen(uint64_t moment_ns)
{
	if (fake.happened < fake.event_count &&
		fake.events[fake.happened].at_ns <= moment_ns) {
		const struct fake_event e = fake.events[fake.happened++];

		if (fake.now_ns < e.at_ns)
			fake.now_ns = e.at_ns;
		e.act(e.argument);
		return true;
	}
	assert(moment_ns != UINT64_MAX); /* nothing would ever end this wait */
	if (fake.now_ns < moment_ns)
		fake.now_ns = moment_ns;
	return false;
}
