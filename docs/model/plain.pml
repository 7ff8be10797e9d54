/* SPDX-License-Identifier: MIT
 *
 * The xor exchange, one session, and an intruder who is the network
 * (docs/model/README.md).
 *
 * A block of bytes is the set of the random blocks whose xor it is, as bits. The
 * intruder can make every xor of what it has seen, which is all that it needs.
 *
 * Without any -D: if the intruder only listens, both sides have the same key, and
 * the server gets the request and the client the reply. LOSES_MASK lets the
 * server forget to remove its mask. CLAIM claims what does not hold.
 */

/* An assertion and its name, by which SPIN's message is told from others. */
#define CLAIM(name, what) assert(name == 0 || (what))
#define REACHED 1001
#define SAME_KEY 1002
#define GOT_REQUEST 1003
#define GOT_REPLY 1004
#define SECRET_REQUEST 1005
#define SECRET_REPLY 1006
#define TRUE_REQUEST 1007
#define TRUE_REPLY 1008
#define TRUE_SERVER 1009

#define X 1 /* the client's key */
#define C 2 /* the client's mask */
#define S 4 /* the server's */
#define REQUEST 8
#define REPLY 16
#define IN 32 /* what the intruder has drawn */
#define ALL 64

bool can_make[ALL]; /* a space: with a and b, also a ^ b */
bool acts; /* does it change anything? */
bool new[ALL];
byte i;

/* Adds all of the old space, each xored with the block. */
inline see(block) {
	d_step {
		if
		:: !can_make[block] ->
			i = 0;
			do
			:: i < ALL ->
				if
				:: can_make[i] && !new[i] ->
					new[i ^ block] = !can_make[i ^ block];
					can_make[i ^ block] = true
				:: else
				fi;
				i++
			:: else -> break
			od;
			i = 0;
			do
			:: i < ALL -> new[i] = false; i++
			:: else -> break
			od
		:: else
		fi;
		i = 0
	}
}

/* A block arrives: what was sent, if it was, or what the intruder makes. */
inline receive(block, passed, really) {
	if
	:: !acts -> really; block = passed
	:: acts ->
		block = 0;
		do
		:: block < ALL - 1 -> block++
		:: can_make[block] -> break
		od
	fi
}

byte flight_1, flight_2, flight_3, asked, replied; /* as sent; 0: not yet */
byte key_of_client, key_of_server;

active proctype client() {
	byte block;

	atomic {
		flight_1 = X ^ C;
		see(flight_1)
	}
	atomic {
		receive(block, flight_2, flight_2 != 0);
#ifdef CLAIM_AUTHENTIC
		/* Whoever answers is the server. */
		CLAIM(TRUE_SERVER, flight_2 != 0);
#endif
		flight_3 = block ^ C;
		see(flight_3);
		key_of_client = X;
		asked = REQUEST ^ key_of_client;
		see(asked);
#ifdef CLAIM_SECRET
		/* Who only listens cannot read the request. */
		CLAIM(SECRET_REQUEST, acts || !can_make[REQUEST]);
#endif
		block = 0
	}
	atomic {
		receive(block, replied, replied != 0);
#ifdef CLAIM_INTACT
		/* What the client takes for a reply was sent as one. */
		CLAIM(TRUE_REPLY, (block ^ key_of_client) == REPLY);
#endif
		CLAIM(GOT_REPLY, acts || (block ^ key_of_client) == REPLY);
#ifdef REACH
		CLAIM(REACHED, acts);
#endif
		block = 0
	}
}

active proctype server() {
	byte block;

	atomic {
		receive(block, flight_1, flight_1 != 0);
		flight_2 = block ^ S;
		see(flight_2);
		block = 0
	}
	atomic {
		receive(block, flight_3, flight_3 != 0);
#ifdef LOSES_MASK
		key_of_server = block;
#else
		key_of_server = block ^ S;
#endif
		CLAIM(SAME_KEY, acts || key_of_server == X);
		block = 0
	}
	atomic {
		receive(block, asked, asked != 0);
		CLAIM(GOT_REQUEST, acts || (block ^ key_of_server) == REQUEST);
#ifdef CLAIM_UNCHANGED
		/* What the server takes for a request was sent as one. */
		CLAIM(TRUE_REQUEST, (block ^ key_of_server) == REQUEST);
#endif
		replied = REPLY ^ key_of_server;
		see(replied);
#ifdef CLAIM_SECRET_REPLY
		CLAIM(SECRET_REPLY, acts || !can_make[REPLY]);
#endif
		block = 0
	}
}

init {
	atomic {
		can_make[0] = true;
		see(IN);
		if
		:: acts = true
		:: true
		fi
	}
}
