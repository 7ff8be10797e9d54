// SPDX-License-Identifier: MIT
#include "bench/pause.h"

#include "net/loop.h"

static const uint64_t late_ns = 100000000;

void pause_woke(
	struct pause *p, uint64_t now_ns, uint64_t asked_ns, size_t connections)
{
	if (p->woke_ns && now_ns - p->woke_ns > asked_ns + late_ns) {
		p->stood_ns += now_ns - p->woke_ns - asked_ns;
		p->ended_ns = now_ns;
		p->looks = 2 + connections / (size_t)loop_batch;
	}
	p->woke_ns = now_ns;
}

bool pause_is_over(struct pause *p, uint64_t asked_ns, int found)
{
	if (!p->looks)
		return true;
	if (!asked_ns && found >= 0 && found < loop_batch)
		p->looks = 1;
	return !--p->looks;
}
