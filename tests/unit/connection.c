// SPDX-License-Identifier: MIT
#include "connection.h"

enum { MOST = 4 };

static struct noise_identity identity;
static struct context context;
static struct visitor visitor;
static struct connection *connection;
static struct fake_socket *sock;

static int set_up(void **state)
{
	fake_begin(state);
	dice_bytes(identity.secret, sizeof(identity.secret));
	noise_identity_finish(&identity);
	context_begin(&context, MOST, &identity);
	memset(&visitor, 0, sizeof(visitor));
	return 0;
}

static int tear_down(void **state)
{
	context_end(&context);
	return fake_end(state);
}

static unsigned long counts(enum counter which)
{
	return counter_read(&context.counters, which);
}

static unsigned long answered(enum command request)
{
	return counts((enum counter)request);
}

/* A client whose first flight, or most of it, is there. */
static void begin(enum exchange_id exchange, size_t held)
{
	visitor_begin(&visitor, exchange, held);
	connection = context_connect(&context, visitor.fd);
	assert_non_null(connection);
	sock = fake_of(visitor.fd);
}

static bool serve(void)
{
	return context_serve(&context, connection);
}

static void open_session(enum exchange_id exchange)
{
	begin(exchange, 0);
	assert_true(serve());
	visitor_read(&visitor);
	assert_true(serve());
	assert_int_equal(visitor.session.state, SESSION_OPEN);
	assert_int_equal(connection->session.state, SESSION_OPEN);
}

/* Asked and answered. */
static void ask(enum command request)
{
	unsigned before = visitor.replies;

	visitor_ask(&visitor, request);
	assert_true(serve());
	visitor_read(&visitor);
	assert_int_equal(visitor.replies, before + 1);
}

/* It has ended, for this reason (COUNTERS: for none), and nothing is left. */
static void assert_ended(enum counter reason, bool by_reset)
{
	assert_true(sock->is_closed);
	assert_int_equal(sock->is_dropped, by_reset);
	assert_int_equal(counts(COUNT_CLOSED), 1);
	for (enum counter i = COUNT_FULL; i < COUNT_OPENED; i++)
		assert_int_equal(counts(i), i == reason);
	assert_int_equal(fake_logged("Refused"),
		reason != COUNTERS && reason != COUNT_IDLE);
	assert_int_equal(context.connections.lent, 0);
	assert_int_equal(context_lent(&context), 0);
}

static void every_session_is_served_and_borrows_nothing(void **state)
{
	for (enum exchange_id e = 0; e < EXCHANGE_COUNT; e++) {
		if (e) {
			tear_down(state);
			set_up(state);
		}
		open_session(e);
		for (enum command i = 0; i < COMMAND_ASKED; i++)
			ask(i);
		assert_int_equal(visitor.errors, 0);
		assert_int_equal(context_lent(&context), 0);
		assert_int_equal(connection->watch.wants, LOOP_READ);
	}
}

/* It is read, so that the loop need not report it again, and waits. */
static void a_costly_flight_waits_for_its_turn(void **state)
{
	(void)state;
	begin(EXCHANGE_NOISE, 0);
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	assert_false(connection_is_ready(connection));
	assert_int_equal(sock->sends, 0);
	assert_int_equal(context_run_flights(&context), 1);
	assert_int_equal(sock->sends, 1);
	assert_int_equal(connection->arrival->length, 0);
	visitor_read(&visitor);
	assert_int_equal(visitor.session.state, SESSION_OPEN);
}

static void a_cheap_flight_does_not_wait(void **state)
{
	(void)state;
	begin(EXCHANGE_XOR, 0);
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	assert_true(queue_is_empty(&context.queue));
	assert_int_equal(connection->session.flight, 2);
}

static void whoever_hangs_up_while_waiting_costs_nothing(void **state)
{
	(void)state;
	begin(EXCHANGE_NOISE, 0);
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	sock->has_end = true;
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	assert_ended(COUNT_LEFT, true);
	assert_true(queue_is_empty(&context.queue));
	assert_int_equal(sock->sends, 0);
}

/* It has done its part: whether others wait makes no difference. */
static void an_end_behind_the_last_flight_is_no_hang_up(void **state)
{
	(void)state;
	begin(EXCHANGE_NOISE, 0);
	assert_true(serve());
	visitor_read(&visitor);
	visitor_ask(&visitor, COMMAND_DATE);
	visitor_end(&visitor);
	while (connection_is_ready(connection))
		lifetime_settle(&context, connection,
			arrival_ready(&context, connection));
	assert_false(sock->is_closed);
	assert_int_equal(context_run_flights(&context), 1);
	assert_false(serve());
	visitor_read(&visitor);
	assert_int_equal(visitor.replies, 1);
	assert_ended(COUNTERS, false);
}

/* Nothing else is awaited of it, so the loop reports only that. */
static void so_does_whoever_hangs_up_without_room(void **state)
{
	uint8_t more[FLIGHT_BYTES_MAX] = { 0 };

	(void)state;
	begin(EXCHANGE_NOISE, 0);
	visitor_send(&visitor, more, sizeof(more));
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	assert_int_equal(connection->watch.wants, 0);
	sock->has_end = true;
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	assert_ended(COUNT_LEFT, true);
	assert_true(queue_is_empty(&context.queue));
}

static void a_last_flight_has_its_turn_before_first_ones(void **state)
{
	static struct visitor newcomer;
	struct connection *other;
	struct queue_place *next;

	(void)state;
	memset(&newcomer, 0, sizeof(newcomer));
	begin(EXCHANGE_NOISE, 0);
	assert_true(serve());
	visitor_begin(&newcomer, EXCHANGE_NOISE, 0);
	other = context_connect(&context, newcomer.fd);
	assert_non_null(other);
	lifetime_settle(&context, other, arrival_ready(&context, other));
	visitor_read(&visitor);
	lifetime_settle(
		&context, connection, arrival_ready(&context, connection));
	next = queue_next(&context.queue, context.now_ms);
	assert_ptr_equal(((struct arrival *)next)->connection, connection);
	next = queue_next(&context.queue, context.now_ms);
	assert_ptr_equal(((struct arrival *)next)->connection, other);
}

/* Whatever is sent behind a flight that waits. */
static void no_more_is_read_than_there_is_room_for(void **state)
{
	uint8_t more[4096] = { 0 };

	(void)state;
	begin(EXCHANGE_NOISE, 0);
	visitor_send(&visitor, more, sizeof(more));
	for (int i = 0; i < 3 && connection_is_ready(connection); i++)
		lifetime_settle(&context, connection,
			arrival_ready(&context, connection));
	assert_int_equal(connection->watch.wants, 0);
	assert_int_equal(sock->in_read, FLIGHT_BYTES_MAX);
	/* It has no room for the third flight, which that is not. */
	assert_int_equal(context_run_flights(&context), 2);
	assert_ended(COUNT_BROKEN, true);
}

static void requests_behind_the_last_flight_are_served(void **state)
{
	(void)state;
	for (enum exchange_id e = 0; e < EXCHANGE_COUNT; e++) {
		if (e) {
			tear_down(state);
			set_up(state);
		}
		begin(e, 0);
		assert_true(serve());
		visitor_read(&visitor);
		for (int i = 0; i < 20; i++)
			visitor_ask(&visitor, COMMAND_DATE);
		assert_true(serve());
		visitor_read(&visitor);
		assert_int_equal(visitor.replies, 20);
		assert_int_equal(context_lent(&context), 0);
	}
}

/* There is room for the replies, however many requests there are. */
static void any_number_of_requests_may_follow_the_last_flight(void **state)
{
	enum { REQUESTS = 3000 };
	static uint8_t requests[4 * REQUESTS];

	(void)state;
	begin(EXCHANGE_XOR, 0);
	assert_true(serve());
	visitor_read(&visitor);
	for (size_t i = 0; i < sizeof(requests); i++)
		requests[i] = (uint8_t) "TIME"[i % 4] ^ visitor.session.keys.xor
			      [i % 4];
	visitor_send(&visitor, requests, sizeof(requests));
	assert_true(serve());
	assert_int_equal(answered(COMMAND_TIME), REQUESTS);
	assert_int_equal(answered(COMMAND_UNKNOWN), 0);
}

/* Over xor, what has arrived together decides what it is. */
static void a_request_behind_the_last_flight_is_read_whole(void **state)
{
	uint8_t request[FLIGHT_BYTES_MAX + 100];

	(void)state;
	begin(EXCHANGE_XOR, 0);
	assert_true(serve());
	visitor_read(&visitor);
	memset(request, ' ', sizeof(request));
	memcpy(request + sizeof(request) - 4, "TIME", 4);
	xor_apply(request, request, sizeof(request), visitor.session.keys.xor,
		XOR_KEY_BYTES);
	visitor_send(&visitor, request, sizeof(request));
	assert_true(serve());
	assert_int_equal(answered(COMMAND_TIME), 1);
	assert_int_equal(answered(COMMAND_UNKNOWN), 0);
}

static void bytes_do_not_extend_the_flights(void **state)
{
	(void)state;
	begin(EXCHANGE_XOR, 100);
	for (int i = 0; i < 99; i++) {
		context_pass_ms(&context, 50);
		visitor_let_go(&visitor, 1);
		assert_true(serve());
	}
	context_pass_ms(&context, 49);
	assert_false(sock->is_closed);
	context_pass_ms(&context, 1);
	assert_ended(COUNT_HANDSHAKE, false);
}

static void a_session_that_asks_is_not_idle(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	for (int i = 0; i < 5; i++) {
		context_pass_ms(&context, spans_ms[DEADLINE_IDLE] - 1);
		ask(COMMAND_DATE);
	}
	context_pass_ms(&context, spans_ms[DEADLINE_IDLE] - 1);
	assert_false(sock->is_closed);
	context_pass_ms(&context, 1);
	assert_ended(COUNT_IDLE, false);
}

static void a_part_of_a_frame_is_no_request(void **state)
{
	(void)state;
	open_session(EXCHANGE_NOISE);
	context_pass_ms(&context, spans_ms[DEADLINE_IDLE] - 1);
	visitor_ask_partly(&visitor, COMMAND_TIME, 1);
	assert_true(serve());
	assert_int_equal(context.lent.rests.lent, 1);
	context_pass_ms(&context, 1);
	assert_ended(COUNT_IDLE, false);
}

static void half_a_word_is_answered_a_second_after_its_last_byte(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	visitor_ask_partly(&visitor, COMMAND_TIME, 2);
	assert_true(serve());
	context_pass_ms(&context, spans_ms[DEADLINE_REST] - 1);
	visitor_let_go(&visitor, 1);
	assert_true(serve());
	context_pass_ms(&context, spans_ms[DEADLINE_REST] - 1);
	assert_int_equal(answered(COMMAND_UNKNOWN), 0);
	context_pass_ms(&context, 1);
	assert_int_equal(answered(COMMAND_UNKNOWN), 1);
	assert_int_equal(context_lent(&context), 0);
	visitor_read(&visitor);
	assert_int_equal(visitor.errors, 1);
	ask(COMMAND_TIME);
}

static void the_rest_of_a_word_may_come_in_time(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	visitor_ask_partly(&visitor, COMMAND_TIME, 2);
	assert_true(serve());
	context_pass_ms(&context, spans_ms[DEADLINE_REST] - 1);
	visitor_let_go(&visitor, 2);
	assert_true(serve());
	assert_int_equal(answered(COMMAND_TIME), 1);
	assert_int_equal(context_lent(&context), 0);
	assert_int_equal(connection->deadline_kind, DEADLINE_IDLE);
}

static void what_is_not_taken_is_kept_and_nothing_more_is_read(void **state)
{
	static const size_t rooms[] = { 0, 1, 14, 15, 16, 41 };

	for (size_t i = 0; i < COUNT_OF(rooms); i++) {
		unsigned receives;

		if (i) {
			tear_down(state);
			set_up(state);
		}
		open_session(EXCHANGE_XOR);
		sock->room = rooms[i];
		for (int j = 0; j < 3; j++)
			visitor_ask(&visitor, COMMAND_TIME);
		assert_true(serve());
		assert_int_equal(connection->watch.wants, LOOP_WRITE);
		assert_int_equal(context.lent.unsents.lent, 1);
		receives = sock->receives;
		visitor_ask(&visitor, COMMAND_DATE);
		sock->room = 3;
		assert_true(serve());
		assert_int_equal(sock->receives, receives);
		assert_int_equal(answered(COMMAND_DATE), 0);
		sock->room = SIZE_MAX;
		assert_true(serve());
		assert_int_equal(context_lent(&context), 0);
		assert_int_equal(connection->watch.wants, LOOP_READ);
		visitor_read(&visitor);
		assert_int_equal(visitor.replies, 4);
		assert_int_equal(visitor.errors, 0);
	}
}

static void a_peer_that_takes_too_little_is_refused(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->room = 0;
	visitor_ask(&visitor, COMMAND_TIME);
	assert_true(serve());
	for (int i = 0; i < 14; i++) { /* from the first byte, not the last */
		context_pass_ms(&context, spans_ms[DEADLINE_STALLED] / 15);
		sock->room = 1;
		assert_true(serve());
	}
	context_pass_ms(&context, spans_ms[DEADLINE_STALLED] / 15 - 1);
	assert_false(sock->is_closed);
	context_pass_ms(&context, 1);
	assert_ended(COUNT_STALLED, true);
}

static void after_END_the_client_has_a_second_to_end_as_well(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	visitor_ask(&visitor, COMMAND_TIME);
	visitor_ask(&visitor, COMMAND_END);
	assert_true(serve());
	assert_true(sock->is_finished);
	visitor_send(&visitor, (const uint8_t *)"noise", 5);
	assert_true(serve());
	assert_int_equal(answered(COMMAND_UNKNOWN), 0);
	context_pass_ms(&context, spans_ms[DEADLINE_DRAIN] - 1);
	assert_false(sock->is_closed);
	context_pass_ms(&context, 1);
	assert_ended(COUNTERS, false);
}

static void after_END_the_end_of_the_client_is_the_end(void **state)
{
	(void)state;
	open_session(EXCHANGE_NOISE);
	visitor_ask(&visitor, COMMAND_END);
	assert_true(serve());
	assert_true(sock->is_finished);
	visitor_end(&visitor);
	assert_false(serve());
	assert_ended(COUNTERS, false);
}

static void an_end_before_the_session_is_counted(void **state)
{
	(void)state;
	begin(EXCHANGE_NOISE, 1);
	visitor_end(&visitor);
	assert_false(serve());
	/* Which exchange it is the magic has told already. */
	assert_ended(COUNT_LEFT, true);
}

static void what_an_end_leaves_is_answered_first(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	visitor_ask_partly(&visitor, COMMAND_TIME, 1);
	visitor_end(&visitor);
	assert_false(serve());
	assert_int_equal(answered(COMMAND_UNKNOWN), 1);
	assert_int_equal(sock->out_len - visitor.read, REPLY_ERROR_BYTES);
	assert_ended(COUNTERS, false);
}

static void an_end_within_a_frame_is_a_reset(void **state)
{
	(void)state;
	open_session(EXCHANGE_NOISE);
	visitor_ask_partly(&visitor, COMMAND_TIME, 1);
	visitor_end(&visitor);
	assert_false(serve());
	assert_ended(COUNT_BROKEN, true);
}

static void what_is_owed_at_an_end_is_sent_before_the_close(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->room = 4;
	visitor_ask(&visitor, COMMAND_TIME);
	visitor_ask_partly(&visitor, COMMAND_DATE, 1);
	visitor_end(&visitor);
	assert_true(serve());
	sock->room = SIZE_MAX;
	assert_false(serve());
	assert_int_equal(sock->out_len - visitor.read, 15 + REPLY_ERROR_BYTES);
	assert_ended(COUNTERS, false);
}

static void a_reset_is_an_end(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->receive_error = -ECONNRESET;
	assert_false(serve());
	assert_ended(COUNTERS, false);
}

static void a_reset_in_the_flights_is_counted(void **state)
{
	(void)state;
	begin(EXCHANGE_XOR, 1);
	sock->receive_error = -ETIMEDOUT;
	assert_false(serve());
	assert_ended(COUNT_LEFT, false);
}

static void a_reply_that_nobody_takes_any_more_is_an_end(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->send_error = -EPIPE;
	visitor_ask(&visitor, COMMAND_TIME);
	assert_false(serve());
	assert_ended(COUNTERS, false);
}

static void so_it_is_while_replies_wait(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->room = 1;
	visitor_ask(&visitor, COMMAND_TIME);
	assert_true(serve());
	sock->send_error = -ECONNRESET;
	assert_false(serve());
	assert_ended(COUNTERS, false);
}

static void a_flight_that_is_not_taken_is_kept_too(void **state)
{
	(void)state;
	begin(EXCHANGE_NOISE, 0);
	sock->room = 50;
	assert_true(serve());
	assert_int_equal(context.lent.unsents.lent, 1);
	assert_int_equal(connection->deadline_kind, DEADLINE_HANDSHAKE);
	sock->room = SIZE_MAX;
	assert_true(serve());
	visitor_read(&visitor);
	assert_true(serve());
	ask(COMMAND_TIME);
	assert_int_equal(context_lent(&context), 0);
}

/* What follows it has been read already: it is not reported again. */
static void a_flight_behind_it_has_its_turn_once_it_is_taken(void **state)
{
	uint8_t wrong[64] = { 0 };

	(void)state;
	begin(EXCHANGE_NOISE, 0);
	visitor_send(&visitor, wrong, sizeof(wrong));
	sock->room = 50;
	assert_true(serve());
	assert_int_equal(context.lent.unsents.lent, 1);
	sock->room = SIZE_MAX;
	assert_false(serve());
	assert_ended(COUNT_BROKEN, true);
}

static void what_is_not_served_is_refused(void **state)
{
	(void)state;
	context.host.requires_secure = true;
	begin(EXCHANGE_XOR, 0);
	assert_false(serve());
	assert_ended(COUNT_UNSERVED, false);
}

static void a_key_that_is_not_listed_is_refused(void **state)
{
	(void)state;
	refuses_all = true;
	begin(EXCHANGE_NOISE, 0);
	assert_true(serve());
	visitor_read(&visitor);
	assert_false(serve());
	assert_ended(COUNT_UNLISTED, true);
}

static void a_key_that_is_no_longer_listed_ends_the_session(void **state)
{
	(void)state;
	open_session(EXCHANGE_NOISE);
	lifetime_settle(
		&context, connection, connection_recheck(&context, connection));
	ask(COMMAND_TIME);
	refuses_all = true;
	lifetime_settle(
		&context, connection, connection_recheck(&context, connection));
	assert_ended(COUNT_UNLISTED, true);
}

static void a_session_without_a_key_stays_whatever_the_list(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	refuses_all = true;
	lifetime_settle(
		&context, connection, connection_recheck(&context, connection));
	ask(COMMAND_TIME);
}

static void a_wrong_frame_is_a_reset(void **state)
{
	(void)state;
	open_session(EXCHANGE_NOISE);
	visitor_ask_partly(&visitor, COMMAND_TIME, 1);
	visitor.bytes[visitor.held_from] ^= 1;
	visitor_let_go(&visitor, 1);
	assert_false(serve());
	assert_ended(COUNT_BROKEN, true);
}

/* More connections than there is memory for. */
static void without_room_a_connection_is_closed_at_once(void **state)
{
	int fd;

	(void)state;
	for (int i = 0; i < MOST; i++)
		begin(EXCHANGE_XOR, 1);
	fd = fake_open();
	assert_null(context_connect(&context, fd));
	assert_int_equal(context.connections.lent, MOST);
	assert_int_equal(context.lent.arrivals.lent, MOST);
	assert_int_equal(counts(COUNT_FULL), 1);
	assert_int_equal(counts(COUNT_CLOSED), 1);
}

static void without_memory_nothing_stays_borrowed(void **state)
{
	(void)state;
	context.connections.limit = 0;
	assert_null(context_connect(&context, fake_open()));
	context.connections.limit = MOST;
	context.lent.arrivals.limit = 0;
	assert_null(context_connect(&context, fake_open()));
	context.lent.arrivals.limit = MOST;
	fake.loop_error = -ENOMEM;
	assert_null(context_connect(&context, fake_open()));
	assert_int_equal(counts(COUNT_FULL), 3);
	assert_int_equal(counts(COUNT_CLOSED), 3);
	assert_int_equal(context.connections.lent, 0);
	assert_int_equal(context_lent(&context), 0);
}

static void a_rest_that_cannot_be_kept_is_the_end(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	context.lent.rests.limit = 0;
	visitor_ask_partly(&visitor, COMMAND_TIME, 1);
	assert_false(serve());
	assert_ended(COUNT_FULL, false);
}

static void a_reply_that_cannot_be_kept_is_the_end(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	context.lent.unsents.limit = 0;
	sock->room = 1;
	visitor_ask(&visitor, COMMAND_TIME);
	assert_false(serve());
	assert_true(sock->is_closed);
	assert_int_equal(context_lent(&context), 0);
}

static void a_loop_that_fails_is_the_end(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->room = 1;
	fake.loop_error = -ENOMEM;
	visitor_ask(&visitor, COMMAND_TIME);
	assert_false(serve());
	assert_ended(COUNT_FULL, true);
}

/* The order to stop: is it still there? */
static bool stop(void)
{
	lifetime_settle(
		&context, connection, connection_stop(&context, connection));
	return !sock->is_closed;
}

static void a_stop_ends_flights_at_once(void **state)
{
	(void)state;
	begin(EXCHANGE_NOISE, 1);
	assert_true(serve());
	assert_false(stop());
	assert_ended(COUNTERS, false);
}

static void at_a_stop_what_has_arrived_is_answered(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	visitor_ask_partly(&visitor, COMMAND_TIME, 2);
	assert_true(serve());
	visitor_let_go(&visitor, 2);
	visitor_ask(&visitor, COMMAND_DATE);
	assert_true(stop());
	assert_true(sock->is_finished);
	visitor_read(&visitor);
	assert_int_equal(visitor.replies, 2);
	visitor_ask(&visitor, COMMAND_DATE);
	assert_true(serve());
	assert_int_equal(answered(COMMAND_DATE), 1);
	visitor_end(&visitor);
	assert_false(serve());
	assert_ended(COUNTERS, false);
}

/* What is owed is sent; what came since then is not even read. */
static void at_a_stop_a_stalled_session_gets_its_replies(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	sock->room = 1;
	visitor_ask(&visitor, COMMAND_TIME);
	assert_true(serve());
	visitor_ask(&visitor, COMMAND_DATE);
	assert_true(stop());
	assert_false(sock->is_finished);
	sock->room = SIZE_MAX;
	assert_true(serve());
	assert_true(sock->is_finished);
	assert_int_equal(answered(COMMAND_DATE), 0);
	visitor_read(&visitor);
	assert_int_equal(visitor.replies, 1);
	context_pass_ms(&context, spans_ms[DEADLINE_DRAIN]);
	assert_ended(COUNTERS, false);
}

static void at_a_stop_a_wrong_frame_is_still_refused(void **state)
{
	(void)state;
	open_session(EXCHANGE_NOISE);
	visitor_ask_partly(&visitor, COMMAND_TIME, 1);
	visitor.bytes[visitor.held_from] ^= 1;
	visitor_let_go(&visitor, 1);
	assert_false(stop());
	assert_ended(COUNT_BROKEN, true);
}

static void a_session_that_has_ended_is_not_stopped_again(void **state)
{
	(void)state;
	open_session(EXCHANGE_XOR);
	visitor_ask(&visitor, COMMAND_END);
	assert_true(serve());
	context_pass_ms(&context, spans_ms[DEADLINE_DRAIN] - 1);
	assert_true(stop());
	context_pass_ms(&context, 1);
	assert_ended(COUNTERS, false);
}

#define CONNECTION_TEST(test)                                                  \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONNECTION_TEST(every_session_is_served_and_borrows_nothing),
		CONNECTION_TEST(a_costly_flight_waits_for_its_turn),
		CONNECTION_TEST(a_cheap_flight_does_not_wait),
		CONNECTION_TEST(whoever_hangs_up_while_waiting_costs_nothing),
		CONNECTION_TEST(an_end_behind_the_last_flight_is_no_hang_up),
		CONNECTION_TEST(so_does_whoever_hangs_up_without_room),
		CONNECTION_TEST(a_last_flight_has_its_turn_before_first_ones),
		CONNECTION_TEST(no_more_is_read_than_there_is_room_for),
		CONNECTION_TEST(requests_behind_the_last_flight_are_served),
		CONNECTION_TEST(
			any_number_of_requests_may_follow_the_last_flight),
		CONNECTION_TEST(a_request_behind_the_last_flight_is_read_whole),
		CONNECTION_TEST(bytes_do_not_extend_the_flights),
		CONNECTION_TEST(a_session_that_asks_is_not_idle),
		CONNECTION_TEST(a_part_of_a_frame_is_no_request),
		CONNECTION_TEST(
			half_a_word_is_answered_a_second_after_its_last_byte),
		CONNECTION_TEST(the_rest_of_a_word_may_come_in_time),
		CONNECTION_TEST(
			what_is_not_taken_is_kept_and_nothing_more_is_read),
		CONNECTION_TEST(a_peer_that_takes_too_little_is_refused),
		CONNECTION_TEST(
			after_END_the_client_has_a_second_to_end_as_well),
		CONNECTION_TEST(after_END_the_end_of_the_client_is_the_end),
		CONNECTION_TEST(an_end_before_the_session_is_counted),
		CONNECTION_TEST(what_an_end_leaves_is_answered_first),
		CONNECTION_TEST(an_end_within_a_frame_is_a_reset),
		CONNECTION_TEST(
			what_is_owed_at_an_end_is_sent_before_the_close),
		CONNECTION_TEST(a_reset_is_an_end),
		CONNECTION_TEST(a_reset_in_the_flights_is_counted),
		CONNECTION_TEST(a_reply_that_nobody_takes_any_more_is_an_end),
		CONNECTION_TEST(so_it_is_while_replies_wait),
		CONNECTION_TEST(a_flight_that_is_not_taken_is_kept_too),
		CONNECTION_TEST(
			a_flight_behind_it_has_its_turn_once_it_is_taken),
		CONNECTION_TEST(what_is_not_served_is_refused),
		CONNECTION_TEST(a_key_that_is_not_listed_is_refused),
		CONNECTION_TEST(
			a_key_that_is_no_longer_listed_ends_the_session),
		CONNECTION_TEST(
			a_session_without_a_key_stays_whatever_the_list),
		CONNECTION_TEST(a_wrong_frame_is_a_reset),
		CONNECTION_TEST(without_room_a_connection_is_closed_at_once),
		CONNECTION_TEST(without_memory_nothing_stays_borrowed),
		CONNECTION_TEST(a_rest_that_cannot_be_kept_is_the_end),
		CONNECTION_TEST(a_reply_that_cannot_be_kept_is_the_end),
		CONNECTION_TEST(a_loop_that_fails_is_the_end),
		CONNECTION_TEST(a_stop_ends_flights_at_once),
		CONNECTION_TEST(at_a_stop_what_has_arrived_is_answered),
		CONNECTION_TEST(at_a_stop_a_stalled_session_gets_its_replies),
		CONNECTION_TEST(at_a_stop_a_wrong_frame_is_still_refused),
		CONNECTION_TEST(a_session_that_has_ended_is_not_stopped_again),
	};

	return cmocka_run_group_tests(tests, dice_seed, NULL);
}
